import { dominantLineBreak } from '../scan/line-break.ts';
import { parseNote } from '../scan/parse.ts';
import { meaningOf, type TaskMeaning } from './meaning.ts';
import { statusTypeOf, type TaskStatusType, type TaskStatusTypes } from './statuses.ts';
import { parseTaskText, type TaskText } from './task-text.ts';

/** A task where it stands in a note. */
export interface NoteTask {
  /** From 1. */
  line: number;
  /** The whole line, without its line break. */
  raw: string;
  /** What is before the status character, `> - [` as an example. */
  before: string;
  status: string;
  /** The `]` and the white space after it. */
  after: string;
  type: TaskStatusType;
  /** The heading it stands under; null when there is none. */
  heading: string | null;
  text: TaskText;
  meaning: TaskMeaning;
}

/** Notes without anything like a checkbox are not looked into any further. */
const CHECKBOX = /^[ \t>]*(?:[-*+]|\d+[.)]).*\[.{1,2}\]/m;

/**
 * Finds the tasks of a note in their order: list items with a checkbox, nested, numbered and in quotes and callouts as
 * well, but not in code or comments.
 *
 * @param custom status characters with another meaning than the plugin's own; those that mean `non_task` are left out
 */
export function findNoteTasks(content: string, custom?: TaskStatusTypes): NoteTask[] {
  if (!CHECKBOX.test(content)) return [];
  const { tasks, headings } = parseNote(content);
  const found: NoteTask[] = [];
  let passed = 0;
  for (const { start, end, line, status, statusStart, textStart } of tasks) {
    while (passed < headings.length && (headings[passed]?.start ?? 0) < start) passed++;
    const type = statusTypeOf(status, custom);
    if (type === 'non_task') continue;
    const text = parseTaskText(content.slice(textStart, end));
    const afterStatus = statusStart + status.length;
    found.push({
      line,
      raw: content.slice(start, end),
      before: content.slice(start, statusStart),
      status,
      after: content.slice(afterStatus, textStart),
      type,
      heading: headings[passed - 1]?.text ?? null,
      text,
      meaning: meaningOf(text),
    });
  }
  return found;
}

/** What stands in place of a line; nothing to take it away. */
export type LineEdits = ReadonlyMap<number, readonly string[]>;

/**
 * Puts other lines in place of some; every byte of the others stays.
 *
 * @param edits by the number of the line, from 1
 */
export function replaceLines(content: string, edits: LineEdits): string {
  const parts: string[] = [];
  const lineBreak = dominantLineBreak(content);
  let kept = 0;
  let start = 0;
  for (let line = 1; start <= content.length; line++) {
    const found = content.indexOf('\n', start);
    const next = found < 0 ? content.length : found + 1;
    const edit = edits.get(line);
    if (edit) {
      const ending = /\r?\n$/.exec(content.slice(start, next))?.[0] ?? '';
      parts.push(content.slice(kept, start), edit.join(ending || lineBreak), edit.length > 0 ? ending : '');
      kept = next;
    }
    if (found < 0) break;
    start = next;
  }
  return parts.join('') + content.slice(kept);
}

function depthOf(line: string): number {
  return /^[\s>]*/.exec(line.trimEnd())?.[0].replaceAll('\t', '    ').length ?? 0;
}

/** Whether lines below belong to the list item at a line: they are indented more than it. */
export function hasChildren(content: string, line: number): boolean {
  const lines = content.split('\n');
  const next = lines.slice(line).find((each) => /[^\s>]/.test(each));
  return next !== undefined && depthOf(next) > depthOf(lines[line - 1] ?? '');
}

/**
 * Adds a line at the end of the section under a heading, or of the note.
 *
 * @param heading the first with this text counts, without regard to case
 * @returns the new content, the number of the line, and by how many lines what is below has moved; undefined when there
 *   is no such heading
 */
export function insertTaskLine(
  content: string,
  line: string,
  heading: string | null,
): { content: string; line: number; moved: number } | undefined {
  const { headings } = parseNote(content);
  let end = content.length;
  if (heading !== null) {
    const wanted = heading
      .replace(/^#+\s*/, '')
      .trim()
      .toLowerCase();
    const index = headings.findIndex(({ text }) => text.toLowerCase() === wanted);
    const own = headings[index];
    if (!own) return undefined;
    end = headings.slice(index + 1).find(({ level }) => level <= own.level)?.start ?? content.length;
  }
  const section = content.slice(0, end);
  const before = section.trimEnd();
  const lineBreak = dominantLineBreak(content);
  // A heading wants an empty line before the list, a list none before its next item.
  const isAfterHeading = headings.some((each) => each.end === before.length);
  const opening = before === '' ? '' : isAfterHeading ? lineBreak + lineBreak : lineBreak;
  const rest = section.slice(before.length) || lineBreak;
  const at = before + opening;
  const moved = opening.split('\n').length - 1;
  return { content: at + line + rest + content.slice(end), line: at.split('\n').length, moved };
}
