import { canHaveLinks, findFrontmatter, isNote, linkKeys, readFrontmatter } from '@weave-nn/vault';

/** Notes longer than this are looked into up to here only. */
export const MAX_READ = 5 * 1024 * 1024;

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const lenient = new TextDecoder('utf-8', { ignoreBOM: true });

/** A note's text, as far as it is looked into. */
export interface NoteText {
  text: string;
  /** False when bytes were replaced or left out: the text must not be written back. */
  faithful: boolean;
  warning: string | null;
}

/** Decodes a note; never throws. */
export function decodeNote(bytes: Uint8Array): NoteText {
  const tooLong = bytes.length > MAX_READ;
  const part = tooLong ? bytes.subarray(0, MAX_READ) : bytes;
  const cut = tooLong ? `only the first ${MAX_READ} of ${bytes.length} bytes are looked into` : null;
  try {
    return { text: strict.decode(part), faithful: !tooLong, warning: cut };
  } catch {
    const warning = cut ?? 'the note is not valid UTF-8; what cannot be read is shown as U+FFFD';
    return { text: lenient.decode(part), faithful: false, warning };
  }
}

/** What the manifest and the events say of a content. */
export interface Description {
  frontmatter: Record<string, unknown>;
  /** The names a file's links name, each between line breaks. */
  linkKeys: string;
}

/** Looks into a note for its frontmatter, and into whatever can have links for them. */
export function describe(path: string, bytes: Uint8Array): Description {
  if (!canHaveLinks(path)) return { frontmatter: {}, linkKeys: '' };
  const { text } = decodeNote(bytes);
  const keys = linkKeys(path, text);
  return {
    frontmatter: isNote(path) ? readFrontmatter({ frontmatter: findFrontmatter(text) }).data : {},
    linkKeys: keys.length > 0 ? `\n${keys.join('\n')}\n` : '',
  };
}
