import { subpathStart } from '../scan/markdown-link.ts';
import type { Link } from '../scan/types.ts';

// What a path in a URL cannot hold as it is (RFC 3986 section 3.3).
// biome-ignore lint/suspicious/noControlCharactersInRegex: they cannot stand in a destination
const NOT_IN_PATH = /[\u0000-\u0020\u007f"#%<>?[\\\]^`{|}]/g;
// Between `<` and `>` other programs take spaces and brackets; `%`, `?` and `#` have a meaning there too.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they cannot stand in a destination
const NOT_IN_ANGLES = /[\u0000-\u001f\u007f#%<>?\\]/g;
// Other programs read `&copy;` as the character it names (CommonMark 0.31 section 2.5).
const ENTITY = /&(?=#?[0-9A-Za-z]+;)/g;
const NON_ASCII = /[^ -~]+/g;
const HIGH_ESCAPE = /%[89A-Fa-f][0-9A-Fa-f]/;
const PAREN_ESCAPE = /%2[89]/;

function encodeUnit(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

function hasBalancedParens(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth++;
    else if (character === ')') depth--;
    if (depth < 0 || depth > 32) return false;
  }
  return depth === 0;
}

/** Percent-encodes a target as a URL's path (RFC 3986), non-ASCII characters only where the link had them encoded. */
function encodeDestination(target: string, written: string, inAngles: boolean): string {
  let out = target.replace(inAngles ? NOT_IN_ANGLES : NOT_IN_PATH, encodeUnit).replace(ENTITY, '%26');
  if (HIGH_ESCAPE.test(written)) out = out.replace(NON_ASCII, encodeURIComponent);
  if (!inAngles && (PAREN_ESCAPE.test(written) || !hasBalancedParens(out))) {
    out = out.replace(/[()]/g, encodeUnit);
  }
  // A colon in the first segment would make a name such as `Plan:b.md` read as a URL (RFC 3986 section 4.2).
  return out.replace(/^[^/]*:[^/]*/, (segment) => segment.replaceAll(':', '%3A'));
}

const NOT_IN_WIKI = /[[\]|#^\r\n]|\\$|^\s|\s$/;
/**
 * Whether a wikilink can name a target.
 *
 * Takes a link target without subpath; returns false for text with `[`, `]`, `|`, `#`, `^` or a line break, which
 * Obsidian's documentation ("Internal links") excludes, or with white space at an end. Never throws.
 */
export function isWikiTarget(target: string): boolean {
  return !NOT_IN_WIKI.test(target);
}

/** End of the path part of a link's written target; the subpath follows. */
export function writtenPathEnd(text: string, link: Link): number {
  if (link.kind === 'path') return link.targetEnd;
  if (link.kind === 'markdown') return subpathStart(text, link.targetStart, link.targetEnd);
  const hash = text.indexOf('#', link.targetStart);
  return hash < 0 || hash > link.targetEnd ? link.targetEnd : hash;
}

/**
 * How a new target is written in the place of a link's old one.
 *
 * Takes the text that the link's offsets are of, the link and the new target without subpath; returns the text to write
 * in the link's own style of encoding, or `null` when that style cannot express the target. In a property the text is
 * still to be escaped as the value is quoted. Never throws.
 */
export function writtenTarget(text: string, link: Link, target: string): string | null {
  if (link.kind === 'markdown') {
    const written = text.slice(link.targetStart, link.targetEnd);
    const inAngles = text[link.targetStart - 1] === '<' && text[link.targetEnd] === '>';
    return target.isWellFormed() ? encodeDestination(target, written, inAngles) : null;
  }
  if (link.kind === 'path') return target.slice(1);
  if (!isWikiTarget(target)) return null;
  if (link.kind !== 'formula') return target;
  const quote = text[link.targetStart - 1] ?? '"';
  return target.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`);
}
