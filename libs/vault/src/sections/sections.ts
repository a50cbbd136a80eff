import { VaultError } from '../errors.ts';
import { editFrontmatter, propertyValueRange } from '../frontmatter/frontmatter-edit.ts';
import { dominantLineBreak, withLineBreak } from '../scan/line-break.ts';
import { parseNote } from '../scan/parse.ts';
import type { BlockId, Heading, ParsedNote } from '../scan/types.ts';
import { needsBlankLine } from './join.ts';
import { removeBlock } from './remove-block.ts';
import {
  findBlock,
  findHeading,
  type HeadingSection,
  headingSection,
  requireBlock,
  requireHeading,
} from './section-range.ts';

/**
 * The part of a note to read or edit: a heading's section, a block, or a property. Of several headings with the same
 * path `index` names one, from 1.
 */
export type SectionTarget =
  | { type: 'heading'; path: readonly string[]; index?: number | undefined }
  | { type: 'block'; id: string }
  | { type: 'frontmatter'; key: string };

/** A change of one part of a note. */
export interface SectionEdit {
  target: SectionTarget;
  operation: 'append' | 'prepend' | 'replace' | 'remove';
  /** Text for headings and blocks, any JSON value for properties; ignored by `remove`. */
  content?: unknown;
  /** Whether a missing part is created; by default only a missing property is. */
  createIfMissing?: boolean;
}

/** The text of one part of a note and where it stands. */
export interface SectionReading {
  start: number;
  end: number;
  content: string;
}

function textContent(edit: SectionEdit, lineBreak: string): string {
  if (edit.operation === 'remove') return '';
  if (typeof edit.content !== 'string') {
    throw new VaultError('edit-invalid', 'The content for a heading or a block must be text.');
  }
  return withLineBreak(edit.content.replace(/[\r\n]+$/, ''), lineBreak);
}

/** What stands between two texts so that neither changes the meaning of the other. */
function gapBetween(before: string, after: string, lineBreak: string): string {
  return needsBlankLine(before, after) ? lineBreak + lineBreak : lineBreak;
}

/** The text of the blocks that follow `at` without a blank line between them. */
function followingText(text: string, at: number): string {
  return text.slice(at).split(/\r?\n[ \t]*\r?\n/, 1)[0] ?? '';
}

/** Puts `content` on lines of its own at the start of a line. */
function insertLines(text: string, at: number, content: string, lineBreak: string): string {
  const needsBreak = at > 0 && text.charCodeAt(at - 1) !== 10;
  const next = followingText(text, at);
  const after =
    at < text.length ? (/^[ \t]*(?:\r?\n|$)/.test(next) ? lineBreak : gapBetween(content, next, lineBreak)) : '';
  return text.slice(0, at) + (needsBreak ? lineBreak : '') + content + after + text.slice(at);
}

/** The content without a first line that repeats the section's own heading. */
function withoutHeading(content: string, { level, text }: Heading): string {
  const parsed = parseNote(content);
  const [first] = parsed.headings;
  const isOwn = first && content.slice(0, first.start).trim() === '' && first.level === level && first.text === text;
  return isOwn ? content.slice(first.end).replace(/^(?:[ \t]*\r?\n)+/, '') : content;
}

function editHeading(text: string, section: HeadingSection, edit: SectionEdit): string {
  const lineBreak = dominantLineBreak(text);
  const { heading, end, bodyStart, bodyEnd } = section;
  if (edit.operation === 'remove') return text.slice(0, heading.start) + text.slice(end);
  const given = textContent(edit, lineBreak);
  const content = edit.operation === 'replace' ? withoutHeading(given, heading) : given;
  if (content === '' && edit.operation !== 'replace') return text;
  if (bodyStart === bodyEnd) return content === '' ? text : insertLines(text, bodyStart, content, lineBreak);
  switch (edit.operation) {
    case 'append': {
      const gap = gapBetween(text.slice(bodyStart, bodyEnd), content, lineBreak);
      return spliceBody(text, bodyEnd, bodyEnd, gap + content, lineBreak);
    }
    case 'prepend':
      return insertLines(text, bodyStart, content, lineBreak);
    default:
      return spliceBody(text, bodyStart, bodyEnd, content, lineBreak);
  }
}

/** Puts content in place of a part that ends before a line break. */
function spliceBody(text: string, start: number, end: number, content: string, lineBreak: string): string {
  const rest = text.slice(end);
  const following = rest.indexOf('\n') + 1;
  const next = following > 0 ? followingText(text, end + following) : '';
  const joins = next !== '' && !/^[ \t]*(?:\r?\n|$)/.test(next) && needsBlankLine(content, next);
  return text.slice(0, start) + content + (joins ? lineBreak : '') + rest;
}

/** What the further lines of a block start with so that they stay in its quote or list item. */
function continuation(text: string, block: BlockId): string {
  const lineStart = text.lastIndexOf('\n', block.blockStart - 1) + 1;
  return text.slice(lineStart, block.blockStart).replace(/[^>\s]/g, ' ');
}

/** The content without the block's own id at its end. */
function withoutId(content: string, id: string): string {
  const end = new RegExp(`(?:^|\\s)\\^${id}\\s*$`, 'i');
  return content.replace(end, '').replace(/[\r\n]+$/, '');
}

/** Whether an id that stands alone has nothing before it that could be edited: the top of the note, or a heading. */
function hasNoBlock({ headings }: ParsedNote, { blockStart, blockEnd, start }: BlockId): boolean {
  return blockStart === start || headings.some((heading) => heading.start >= blockStart && heading.end === blockEnd);
}

function editBlock(text: string, parsed: ParsedNote, found: BlockId, edit: SectionEdit): string {
  const lineBreak = dominantLineBreak(text);
  const block = hasNoBlock(parsed, found) ? { ...found, blockStart: found.start, blockEnd: found.start } : found;
  const { blockStart, blockEnd } = block;
  if (edit.operation === 'remove') return removeBlock(text, block, parsed.bodyStart);
  const given = textContent(edit, lineBreak);
  const own = edit.operation === 'replace' ? withoutId(given, block.id) : given;
  // An id that stands alone and names nothing is given something to name.
  if (blockStart === block.start) {
    const gap = own === '' ? '' : own.includes('\n') ? lineBreak + lineBreak : ' ';
    return text.slice(0, blockStart) + own + gap + text.slice(blockStart);
  }
  const isAlone = text.slice(blockEnd, block.start).includes('\n');
  const lineStart = text.lastIndexOf('\n', blockStart - 1) + 1;
  const isHeading = /^ {0,3}#{1,6}\s*$/.test(text.slice(lineStart, blockStart));
  const prefix = isAlone ? '' : continuation(text, block);
  const joint = isHeading ? ' ' : lineBreak + prefix;
  const content = own.split(lineBreak).join(joint);
  const before = text.slice(blockStart, blockEnd);
  const glue = before === '' ? '' : joint;
  let changed = content;
  if (edit.operation === 'append') changed = before + glue + content;
  if (edit.operation === 'prepend') changed = content + glue + before;
  return text.slice(0, blockStart) + changed + text.slice(blockEnd);
}

function atEnd(text: string, addition: string, lineBreak: string): string {
  if (text === '') return addition;
  const gap = text.endsWith('\n') ? lineBreak : lineBreak + lineBreak;
  const isBlankBefore = /\n\r?\n$/.test(text);
  return text + (isBlankBefore ? '' : gap) + addition + (text.endsWith('\n') ? lineBreak : '');
}

function createHeading(text: string, parsed: ParsedNote, path: readonly string[], edit: SectionEdit): string {
  const lineBreak = dominantLineBreak(text);
  if (path.length === 0 || path.some((part) => part.trim() === '' || /[\r\n]/.test(part))) {
    throw new VaultError('edit-invalid', 'A heading to create needs a text on one line.');
  }
  let known = path.length - 1;
  let parent = -1;
  while (known > 0) {
    parent = findHeading(parsed, { path: path.slice(0, known) });
    if (parent >= 0) break;
    known--;
  }
  const base = parent < 0 ? 1 : (parsed.headings[parent]?.level ?? 1);
  const missing = path.slice(known);
  if (base + missing.length > 6) {
    throw new VaultError('edit-invalid', 'The heading would be deeper than level 6; create it further up.');
  }
  const lines = missing.map((part, i) => `${'#'.repeat(base + 1 + i)} ${part.trim()}`);
  const content = textContent(edit, lineBreak);
  const addition = [...lines, ...(content === '' ? [] : [content])].join(lineBreak);
  if (parent < 0) return atEnd(text, addition, lineBreak);
  const section = headingSection(parsed.headings, parent, text);
  if (section.end === text.length) return atEnd(text, addition, lineBreak);
  const before = text.slice(0, section.end);
  const gap = /\n\r?\n$/.test(before) ? '' : lineBreak;
  return `${before}${gap}${addition}${lineBreak}${lineBreak}${text.slice(section.end)}`;
}

const BLOCK_ID = /^\^?([A-Za-z0-9-]+)$/;

function createBlock(text: string, id: string, edit: SectionEdit): string {
  const name = BLOCK_ID.exec(id)?.[1];
  if (name === undefined) {
    throw new VaultError('edit-invalid', 'A block id consists of letters, digits and hyphens.');
  }
  const lineBreak = dominantLineBreak(text);
  const content = textContent(edit, lineBreak);
  const isOneLine = content !== '' && !content.includes('\n');
  const gap = content === '' ? '' : lineBreak + lineBreak;
  return atEnd(text, isOneLine ? `${content} ^${name}` : `${content}${gap}^${name}`, lineBreak);
}

/**
 * Changes one part of a note.
 *
 * Takes the note's text and the edit; returns the new text, every other byte as it was; inserted line breaks are the
 * ones the note mostly uses, and trailing line breaks of the content are dropped. A heading's section runs to the
 * next heading of the same or a higher level; its body, without blank lines around it, is what is replaced, added to
 * at its end or at its start, with a blank line where one of both would change the other. A block keeps its id.
 * `replace` takes content that repeats the section's heading or the block's id. `remove` takes a section with its
 * heading, a block with its lines and its id, or a property. A heading is created at the end of its parent's section or, at level 2, of the note.
 * Throws `section-not-found`, `section-ambiguous`, `frontmatter-invalid`, `frontmatter-not-a-list`, `edit-invalid`.
 */
export function editSection(text: string, edit: SectionEdit): string {
  const parsed = parseNote(text);
  const { target, operation } = edit;
  const creates = edit.createIfMissing === true && operation !== 'remove';
  switch (target.type) {
    case 'heading':
      if (creates && findHeading(parsed, target) < 0) return createHeading(text, parsed, target.path, edit);
      return editHeading(text, requireHeading(parsed, text, target), edit);
    case 'block':
      if (creates && findBlock(parsed, target.id) === null) return createBlock(text, target.id, edit);
      return editBlock(text, parsed, requireBlock(parsed, target.id), edit);
    case 'frontmatter': {
      const createIfMissing = edit.createIfMissing !== false;
      return editFrontmatter(text, parsed, { key: target.key, operation, content: edit.content, createIfMissing });
    }
  }
}

/**
 * Reads one part of a note.
 *
 * Takes the note's text and the target; returns the range and text of a heading's body (without its heading and the
 * blank lines around it), of a block (without its id) or of a property's value as written in YAML.
 * Throws `section-not-found`, `section-ambiguous` or `frontmatter-invalid`.
 */
export function readSection(text: string, target: SectionTarget): SectionReading {
  const parsed = parseNote(text);
  let start: number;
  let end: number;
  if (target.type === 'heading') {
    ({ bodyStart: start, bodyEnd: end } = requireHeading(parsed, text, target));
  } else if (target.type === 'block') {
    ({ blockStart: start, blockEnd: end } = requireBlock(parsed, target.id));
  } else {
    ({ start, end } = propertyValueRange(parsed, target.key));
  }
  return { start, end, content: text.slice(start, end) };
}
