import { insertTaskLine, type NoteTask, printTaskText, replaceLines } from '@weave-nn/vault/tasks';
import { TaskError } from '../../errors.ts';
import type { Plan, PlanSources } from '../change/planned-changes.ts';
import { saysSame } from '../change/task-change.ts';
import { contentOf, type StoredTask, sourceOf } from '../stored-task.ts';
import { hashOf, type NoteText } from './note-files.ts';
import { nowhere } from './pins.ts';

/** What stands in place of a line, and which tasks those lines are. */
export interface Edit {
  lines: string[];
  /** Ids by their index in `lines`. */
  ids: Map<number, { id: string; after: StoredTask | undefined }>;
}

/** All that is to change in a note. */
export interface NoteEdits {
  note: NoteText;
  /** The note's tasks by their lines. */
  byLine: ReadonlyMap<number, NoteTask>;
  edits: Map<number, Edit>;
  added: { id: string; line: string; heading: string | null; after: StoredTask }[];
  /** The ids of tasks whose lines go. */
  gone: string[];
}

interface Placed {
  id: string;
  line: number;
  after: StoredTask | undefined;
}

/** Puts the edits of a note together to its new content, and makes sure that it reads as it is meant. */
export function writeNote(
  path: string,
  { note, edits, added, gone }: NoteEdits,
  plan: Plan,
  sources: PlanSources,
): void {
  const before = note.content ?? '';
  let content = replaceLines(before, new Map([...edits].map(([line, { lines }]) => [line, lines])));
  const placed: Placed[] = [];
  for (const each of placedLines(edits)) placed.push(each);
  placed.push(...twins(path, note, edits, sources));
  for (const { id, line, heading, after } of added) {
    const inserted = insertTaskLine(content, line, heading);
    if (!inserted) throw new TaskError('heading-not-found', `${path} has no heading ${JSON.stringify(heading)}`);
    for (const other of placed) if (other.line > inserted.line - inserted.moved) other.line += inserted.moved;
    content = inserted.content;
    placed.push({ id, line: inserted.line, after });
  }
  if (content === before) return;
  const tasks = sources.tasksOf(content);
  const byLine = new Map(tasks.map((task) => [task.line, task]));
  const hash = hashOf(content);
  for (const { id, line, after } of placed) {
    const found = byLine.get(line);
    if (!found || (after && !saysSame(contentOf(found), after))) {
      throw new TaskError(
        'task-unwritable',
        `the line in ${path} would not be read as what is to be written: ${JSON.stringify(found?.raw ?? '(no task)')}; its title may look like a field or a link to a block`,
      );
    }
    plan.pins.push({ path, hash, line, taskId: id });
    const expected = plan.expected.find((each) => each.id === id);
    if (expected) Object.assign(expected, contentOf(found), { source: sourceOf(path, found) });
  }
  for (const [index, id] of gone.entries()) plan.pins.push({ path, hash, line: nowhere(index), taskId: id });
  plan.notes.push({ path, content, before: note.content === undefined ? undefined : note.hash, hash, tasks });
}

/** Where edited lines are after all edits. */
function placedLines(edits: ReadonlyMap<number, Edit>): Placed[] {
  let moved = 0;
  return [...edits]
    .sort(([one], [other]) => one - other)
    .flatMap(([line, { lines, ids }]) => {
      const first = line + moved;
      moved += lines.length - 1;
      return [...ids].map(([index, { id, after }]) => ({ id, line: first + index, after }));
    });
}

/** Lines that read the same as one that is edited are told apart by where they stand. */
function twins(path: string, { tasks }: NoteText, edits: ReadonlyMap<number, Edit>, { stored }: PlanSources): Placed[] {
  const wordsOf = (task: NoteTask) => printTaskText(task.text).trim();
  const touched = new Set(tasks.filter(({ line }) => edits.has(line)).map(wordsOf));
  const ids = new Map(
    [...stored.values()].flatMap(({ id, source }) => (source?.path === path ? [[source.line, id]] : [])),
  );
  return tasks
    .filter((task) => !edits.has(task.line) && touched.has(wordsOf(task)))
    .flatMap(({ line }) => {
      const id = ids.get(line);
      if (id === undefined) return [];
      const moved = [...edits]
        .filter(([other]) => other < line)
        .reduce((sum, [, { lines }]) => sum + lines.length - 1, 0);
      return [{ id, line: line + moved, after: undefined }];
    });
}
