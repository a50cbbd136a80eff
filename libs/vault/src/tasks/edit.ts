import { fieldOrder, fieldShapes, prioritySigns, type TaskFieldName, type TaskPriority } from './fields.ts';
import type { TaskPiece, TaskText } from './task-text.ts';

/** What is to change of a task's text; what is left out stays as it is, null takes a field away. */
export interface TaskTextChange extends Partial<Record<TaskFieldName, string | null>> {
  /** The description without tags. */
  title?: string;
  /** All tags that it is to have, with their `#`. */
  tags?: readonly string[];
  /** Null takes the link to the line away. */
  block?: null;
}

function usesInlineFields({ tail }: TaskText): boolean {
  return tail.some((piece) => piece.kind === 'field' && /^[[(]/.test(piece.open));
}

function newField(name: TaskFieldName, value: string, inline: boolean): TaskPiece {
  if (inline) {
    const key = name === 'priority' ? name : fieldShapes[name].key;
    return { kind: 'field', name, value, open: `[${key}:: `, written: value, close: ']' };
  }
  if (name === 'priority') {
    const written = prioritySigns[value as TaskPriority];
    return { kind: 'field', name, value, open: '', written, close: '' };
  }
  return { kind: 'field', name, value, open: `${fieldShapes[name].signs[0]} `, written: value, close: '' };
}

/** Takes pieces away, each with the white space before it, or after it where nothing else is before. */
function without(pieces: readonly TaskPiece[], isGone: (piece: TaskPiece) => boolean): TaskPiece[] {
  const kept: TaskPiece[] = [];
  let removedFirst = false;
  for (const piece of pieces) {
    if (isGone(piece)) {
      if (kept.at(-1)?.kind === 'space') kept.pop();
      removedFirst ||= kept.length === 0;
    } else if (!(removedFirst && kept.length === 0 && piece.kind === 'space')) {
      kept.push(piece);
    }
  }
  return kept;
}

function setField(text: TaskText, name: TaskFieldName, value: string | null): TaskText {
  const index = text.tail.findIndex((piece) => piece.kind === 'field' && piece.name === name);
  const present = text.tail[index];
  if (value === null) {
    return { ...text, tail: without(text.tail, (piece) => piece.kind === 'field' && piece.name === name) };
  }
  if (present?.kind === 'field') {
    const isSign = present.name === 'priority' && present.open === '';
    const written = isSign ? prioritySigns[value as TaskPriority] : value;
    return { ...text, tail: text.tail.with(index, { ...present, value, written }) };
  }
  const inline = usesInlineFields(text);
  const end = endOfFields(text.tail);
  // Obsidian's live preview takes two pairs of brackets with less between them for one link.
  const space: TaskPiece = { kind: 'space', text: inline ? '  ' : ' ' };
  return { ...text, tail: text.tail.toSpliced(end, 0, space, newField(name, value, inline)) };
}

/** Where a new field goes: after all that is written but a block link and the white space round it. */
function endOfFields(tail: readonly TaskPiece[]): number {
  let end = tail.length;
  while (end > 0 && (tail[end - 1]?.kind === 'space' || tail[end - 1]?.kind === 'block')) end--;
  return end;
}

function setTitle(text: TaskText, title: string): TaskText {
  const tags = text.head.filter(({ kind }) => kind === 'tag');
  const head: TaskPiece[] = [{ kind: 'text', text: title }];
  for (const tag of tags) head.push({ kind: 'text', text: ' ' }, tag);
  return { ...text, head: title === '' && tags.length > 0 ? head.slice(2) : head };
}

function setTags({ head, tail }: TaskText, tags: readonly string[]): TaskText {
  const isGone = (piece: TaskPiece) => piece.kind === 'tag' && !tags.includes(piece.text);
  const present = new Set([...head, ...tail].flatMap((piece) => (piece.kind === 'tag' ? [piece.text] : [])));
  const added = tags
    .filter((tag) => !present.has(tag))
    .flatMap((text): TaskPiece[] => [space(), { kind: 'tag', text }]);
  const kept = without(tail, isGone);
  const [first] = kept;
  const between = added.length > 0 && first && first.kind !== 'space' ? [space()] : [];
  return { head: withoutHeadTags(head, isGone), tail: [...added, ...between, ...kept] };
}

/** In the description white space belongs to the text before a tag. */
function withoutHeadTags(head: readonly TaskPiece[], isGone: (piece: TaskPiece) => boolean): TaskPiece[] {
  const kept: TaskPiece[] = [];
  for (const piece of head) {
    const last = kept.at(-1);
    if (!isGone(piece)) kept.push(piece);
    else if (last?.kind === 'text') kept.splice(-1, 1, { kind: 'text', text: last.text.trimEnd() });
  }
  const [first] = kept;
  if (first?.kind === 'text') kept[0] = { kind: 'text', text: first.text.trimStart() };
  return kept;
}

function space(): TaskPiece {
  return { kind: 'space', text: ' ' };
}

/** White space between description and fields, and none before the first piece. */
function tidy({ head, tail }: TaskText): TaskText {
  const isEmpty = head.every((piece) => 'text' in piece && piece.text === '');
  const [first, ...others] = tail;
  if (isEmpty) return { head: [], tail: first?.kind === 'space' ? others : tail };
  return { head, tail: first && first.kind !== 'space' ? [space(), ...tail] : tail };
}

/**
 * Changes what a task's text says. A field that is there gets another value where it stands; one that is not is added
 * at the end, in the form of the others; every other piece stays as it is.
 */
export function editTaskText(text: TaskText, change: TaskTextChange): TaskText {
  let edited = text;
  if (change.title !== undefined) edited = setTitle(edited, change.title);
  if (change.tags !== undefined) edited = setTags(edited, change.tags);
  for (const name of fieldOrder) {
    const value = change[name];
    if (value !== undefined) edited = setField(edited, name, value);
  }
  if (change.block === null) edited = { ...edited, tail: without(edited.tail, ({ kind }) => kind === 'block') };
  return edited === text ? text : tidy(edited);
}
