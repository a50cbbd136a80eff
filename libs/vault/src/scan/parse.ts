import { findFrontmatter } from '../frontmatter/frontmatter-block.ts';
import { finish, scanLines } from './block-scanner.ts';
import { type BlockScanner, createBlockScanner } from './block-state.ts';
import { BYTE_ORDER_MARK } from './characters.ts';
import type { ParsedNote } from './types.ts';

function lineCount(text: string, to: number): number {
  let lines = 0;
  let at = text.indexOf('\n');
  while (at >= 0 && at < to) {
    lines++;
    at = text.indexOf('\n', at + 1);
  }
  return lines;
}

function scanBody(scanner: BlockScanner, from: number): void {
  scanLines(scanner, from);
  finish(scanner);
}

/**
 * Scans a note once and lists what is in it.
 *
 * Takes the note's whole text with `\n` or `\r\n` line breaks; returns its frontmatter, headings, links, inline tags,
 * block ids and tasks in document order, with UTF-16 offsets into `text` and 1-based lines. Nothing is found in code
 * (fenced, indented, inline), raw HTML, comments (`%%`, `<!-- -->`) or math. A link reference definition is a link, and
 * its uses are none. Blocks follow CommonMark 0.31; wikilinks, tags,
 * block ids, comments and math follow Obsidian's documentation ("Obsidian Flavored Markdown"). Runs in time linear in
 * the length of the text, whatever the text. Never throws.
 */
export function parseNote(text: string): ParsedNote {
  const frontmatter = findFrontmatter(text);
  const bodyStart = frontmatter === null ? 0 : frontmatter.end;
  const scanner = createBlockScanner(text);
  scanner.line = 1 + lineCount(text, bodyStart);
  scanBody(scanner, bodyStart === 0 && text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : bodyStart);
  const { links, tags, blocks, unordered } = scanner.inline;
  if (unordered) links.sort((a, b) => a.start - b.start);
  return { frontmatter, bodyStart, headings: scanner.headings, links, tags, blocks, tasks: scanner.tasks };
}
