import type { FileState } from '@weave-nn/clients';
import {
  collisionKey,
  frontmatterAliases,
  frontmatterLinks,
  isNote,
  type Link,
  linkKey,
  noteTags,
  noteTitle,
  parseNote,
  readFrontmatter,
} from '@weave-nn/vault';
import { storableData, storableText } from './storable.ts';

export interface IndexedLink {
  link: string;
  linkKey: string;
  subpath: string;
  alias: string | null;
  embed: boolean;
  line: number;
}

/** A file as the read side keeps it. */
export interface IndexedNote {
  path: string;
  /** The path without differences of case and of Unicode normalisation, for filters. */
  pathKey: string;
  linkKey: string;
  title: string;
  isNote: boolean;
  hash: string;
  sequence: number;
  size: number;
  mtime: string;
  frontmatter: Record<string, unknown>;
  content: string | null;
  warning: string | null;
  links: IndexedLink[];
  tags: string[];
  headings: { level: number; text: string; line: number }[];
  /** Aliases, which count as the title for search. */
  aliases: string[];
}

/** More links, tags or headings in one note are not indexed. */
const MOST = 20_000;
/**
 * Characters of a name that are compared: no file's name is longer than 255, and PostgreSQL's indexes take no more than
 * 2,704 bytes.
 */
const LONGEST_KEY = 600;

function toIndexedLink({ target, subpath, alias, embed, line }: Link): IndexedLink {
  const link = storableText(target);
  return {
    link,
    linkKey: storableText(linkKey(link).slice(0, LONGEST_KEY)),
    subpath: storableText(subpath),
    alias: alias === null ? null : storableText(alias),
    embed,
    line,
  };
}

/** Looks into a file's state for all that the read side keeps of it. */
export function indexNote(state: Extract<FileState, { deleted: false }>): IndexedNote {
  const { path, hash, sequence, size, mtime } = state;
  const base = {
    path,
    pathKey: collisionKey(path),
    linkKey: linkKey(path),
    title: noteTitle(path),
    hash,
    sequence,
    size,
    mtime,
  };
  if (!isNote(path) || state.content === null) {
    return {
      ...base,
      isNote: false,
      frontmatter: {},
      content: null,
      warning: state.warning,
      links: [],
      tags: [],
      headings: [],
      aliases: [],
    };
  }
  const text = storableText(state.content);
  const parsed = parseNote(text);
  const { data: written, warning } = readFrontmatter(parsed);
  // A property may still spell such a character, as in "\0".
  const data = storableData(written);
  const links = [...frontmatterLinks(parsed, text), ...parsed.links].filter(
    ({ external, target }) => !external && target !== '',
  );
  const tooMany = links.length > MOST ? `only the first ${MOST} of ${links.length} links are indexed` : null;
  const tags = noteTags(parsed, data);
  const shortTags = tags.filter((tag) => tag.length <= LONGEST_KEY);
  const tooLong = shortTags.length < tags.length ? `tags of more than ${LONGEST_KEY} characters are not indexed` : null;
  const warnings = [state.warning, warning, tooMany, tooLong].filter((each) => each !== null);
  return {
    ...base,
    isNote: true,
    frontmatter: data,
    content: text,
    warning: warnings.length > 0 ? storableText(warnings.join('; ')) : null,
    links: links.slice(0, MOST).map(toIndexedLink),
    tags: shortTags.slice(0, MOST),
    headings: parsed.headings
      .slice(0, MOST)
      .map(({ level, text: heading, line }) => ({ level, text: storableText(heading), line })),
    aliases: frontmatterAliases(data),
  };
}

/** What of a note is looked through: title and aliases, headings, tags, and text. A phrase stands in one of them. */
export function searchedTexts({ title, aliases, headings, tags, content }: IndexedNote) {
  return [
    [title, ...aliases].join(' '),
    headings.map(({ text }) => text).join(' '),
    tags.join(' '),
    content ?? '',
  ] as const;
}
