import { isNote } from '@weave-nn/vault';

export type ChangeKind = 'added' | 'modified' | 'deleted' | 'renamed';

/** A file that a commit changes. */
export interface CommittedFile {
  path: string;
  from: string | null;
  change: ChangeKind;
}

const MAX_SUBJECT_LENGTH = 100;
const MAX_TRAILERS = 100;

const verbs: readonly [ChangeKind, string][] = [
  ['added', 'add'],
  ['modified', 'update'],
  ['renamed', 'move'],
  ['deleted', 'delete'],
];

function countOf(files: readonly CommittedFile[]): string {
  const noun = files.every(({ path }) => isNote(path)) ? 'note' : 'file';
  return `${files.length} ${noun}${files.length === 1 ? '' : 's'}`;
}

function nameOf(file: CommittedFile): string {
  return file.change === 'renamed' ? `${file.from} to ${file.path}` : file.path;
}

function say(files: readonly CommittedFile[], nameSingles: boolean): string {
  const parts = verbs.flatMap(([kind, verb]) => {
    const those = files.filter(({ change }) => change === kind);
    const [only] = those;
    if (!only) return [];
    return [`${verb} ${those.length === 1 && nameSingles ? nameOf(only) : countOf(those)}`];
  });
  const text = parts.join(', ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** One line that says what happened, as in `Add 2 notes, update Projects/Weave.md`. */
export function subjectOf(files: readonly CommittedFile[]): string {
  const named = say(files, true);
  return named.length <= MAX_SUBJECT_LENGTH ? named : say(files, false);
}

/** The trailers that name the events which a commit records; beyond a hundred only the first, the last and how many. */
export function eventTrailers(eventIds: readonly string[]): string[] {
  if (eventIds.length <= MAX_TRAILERS) return eventIds.map((id) => `Weave-Event: ${id}`);
  return [`Weave-Event: ${eventIds[0]}`, `Weave-Event: ${eventIds.at(-1)}`, `Weave-Event-Count: ${eventIds.length}`];
}

/** A commit's whole message. */
export function messageOf(text: string, trailers: readonly string[]): string {
  const body = text.trim();
  return trailers.length === 0 ? `${body}\n` : `${body}\n\n${trailers.join('\n')}\n`;
}
