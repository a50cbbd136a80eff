import { BYTE_ORDER_MARK, CR, DASH, LF, SPACE, TAB } from '../scan/characters.ts';
import type { FrontmatterBlock } from '../scan/types.ts';

function isFence(text: string, at: number, lineEnd: number): boolean {
  if (text.charCodeAt(at) !== DASH || text.charCodeAt(at + 1) !== DASH || text.charCodeAt(at + 2) !== DASH) {
    return false;
  }
  for (let i = at + 3; i < lineEnd; i++) {
    const code = text.charCodeAt(i);
    if (code !== SPACE && code !== TAB && code !== CR) return false;
  }
  return true;
}

/**
 * Finds the frontmatter of a note: a line `---` at the very start (after an optional byte order mark) up to the
 * next line `---`, as Obsidian's documentation ("Properties") has it.
 *
 * Takes the note's text; returns the block, or `null` when the note has none. Never throws.
 */
export function findFrontmatter(text: string): FrontmatterBlock | null {
  const start = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
  if (text.charCodeAt(start) !== DASH) return null;
  const firstBreak = text.indexOf('\n', start);
  if (firstBreak < 0 || !isFence(text, start, firstBreak)) return null;
  const contentStart = firstBreak + 1;
  let lineBreak = firstBreak;
  while (lineBreak >= 0) {
    const at = lineBreak + 1;
    const next = text.charCodeAt(at) === DASH ? text.indexOf('\n', at) : -1;
    const lineEnd = next < 0 ? text.length : next;
    if (text.charCodeAt(at) === DASH && isFence(text, at, lineEnd)) {
      const end = lineEnd < text.length && text.charCodeAt(lineEnd) === LF ? lineEnd + 1 : lineEnd;
      return { start, end, contentStart, contentEnd: at, raw: text.slice(contentStart, at) };
    }
    lineBreak = text.indexOf('\n---', at);
  }
  return null;
}
