import type { FileState } from '@weave-nn/clients';
import {
  allLinks,
  collisionKey,
  fileLinks,
  frontmatterAliases,
  isNote,
  type Link,
  linkKey,
  noteTags,
  noteTitle,
  parseNote,
  readFrontmatter,
} from '@weave-nn/vault';
import { storable, storableText } from './storable.ts';

export type IndexedLink = readonly [
  link: string,
  linkKey: string,
  subpath: string,
  alias: string | null,
  embed: 0 | 1,
  line: number,
];

/**
 * A file as the read side keeps it. What has parts of its own is JSON text: most of it is stored so, and it reaches
 * another thread in half the time.
 */
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
  /** JSON of an object. */
  frontmatter: string;
  content: string | null;
  warning: string | null;
  /** JSON of `IndexedLink[]`. */
  links: string;
  tags: string[];
  /** JSON of `{ level, text, line }[]`. */
  headings: string;
  /** The texts of the headings, as they are searched. */
  headingText: string;
  /** Aliases, which count as the title for search. */
  aliases: string[];
}

/** More links, tags or headings in one note are not indexed. */
const MOST = 20_000;
/**
 * Characters of a name that are compared: no file's name is longer than 255, and PostgreSQL's indexes take no more than
 * 2,704 bytes.
 */
const MAX_KEY_LENGTH = 600;

function toIndexedLink({ target, subpath, alias, embed, line }: Link): IndexedLink {
  return [target, linkKey(target).slice(0, MAX_KEY_LENGTH), subpath, alias, embed ? 1 : 0, line];
}

function indexedLinks(links: readonly Link[]): { json: string; warning: string | null } {
  const internal = links.filter(({ external, target }) => !external && target !== '');
  const warning = internal.length > MOST ? `only the first ${MOST} of ${internal.length} links are indexed` : null;
  return { json: storable(internal.slice(0, MOST).map(toIndexedLink)).json, warning };
}

function joined(...warnings: (string | null)[]): string | null {
  const given = warnings.filter((warning) => warning !== null);
  return given.length > 0 ? storableText(given.join('; ')) : null;
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
    const { json: links, warning } = indexedLinks(state.content === null ? [] : fileLinks(path, state.content));
    return {
      ...base,
      isNote: false,
      frontmatter: '{}',
      content: null,
      warning: joined(state.warning, warning),
      links,
      tags: [],
      headings: '[]',
      headingText: '',
      aliases: [],
    };
  }
  const text = storableText(state.content);
  const parsed = parseNote(text);
  const { data: written, warning } = readFrontmatter(parsed);
  // A property may still spell such a character, as in "\0".
  const properties = storable(written);
  const links = indexedLinks(allLinks(parsed, text));
  const tags = noteTags(parsed, properties.value);
  const shortTags = tags.filter((tag) => tag.length <= MAX_KEY_LENGTH);
  const tooLong =
    shortTags.length < tags.length ? `tags of more than ${MAX_KEY_LENGTH} characters are not indexed` : null;
  const headings = parsed.headings
    .slice(0, MOST)
    .map(({ level, text: heading, line }) => ({ level, text: heading, line }));
  return {
    ...base,
    isNote: true,
    frontmatter: properties.json,
    content: text,
    warning: joined(state.warning, warning, links.warning, tooLong),
    links: links.json,
    tags: shortTags.slice(0, MOST),
    headings: storable(headings).json,
    headingText: storableText(headings.map((heading) => heading.text).join(' ')),
    aliases: frontmatterAliases(properties.value),
  };
}
