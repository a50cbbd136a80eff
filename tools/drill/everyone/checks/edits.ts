import { type Api, encodePath } from '@weave-nn/testing';
import type { Tally } from '../../crash/tally.ts';
import { type Edit, hasWord, type Ledger, linesOf } from '../ledger.ts';
import type { FinalNote } from './notes.ts';

/** How many edits are where in the end. */
export interface Whereabouts {
  /** In its note, or a later version of the line is. */
  present: number;
  /** In a conflict note only. */
  beside: number;
  /** Of lines that were removed afterwards. */
  removed: number;
  /** Saved over by the editor, which had read the note before, and kept among its versions. */
  kept: number;
}

/** Whether a text says what an edit made it say, or something later. */
function says(text: string, edit: Edit): boolean {
  if (edit.kind === 'mark') return hasWord(text, edit.word);
  const line = linesOf(text).find(({ name }) => name === edit.line);
  if (edit.kind === 'removal') return line === undefined;
  if (edit.kind === 'completion') return line?.raw.startsWith('- [x]') ?? false;
  return line !== undefined && line.version >= edit.version;
}

/** What was replaced in a note, as lines that its present text has not. */
async function readVersions(api: Api, path: string): Promise<string[]> {
  const diffs: string[] = [];
  let cursor = '';
  do {
    const query = `limit=1000${cursor && `&cursor=${encodeURIComponent(cursor)}`}`;
    const { json } = await api.call(`/v1/versions/${encodePath(path)}?${query}`);
    for (const { hash } of json.items) {
      const answer = await api.post('/v1/versions:restore?dryRun=true', { path, hash });
      diffs.push(answer.text);
    }
    cursor = json.nextCursor ?? '';
  } while (cursor !== '');
  return diffs;
}

/**
 * Every edit that was acknowledged, saved or pushed must be in the notes, or a later version of its line. An edit may
 * have been saved over by the editor, only if the editor had read the note before the edit was there; and then the note's
 * versions, or a conflict note, must have it.
 */
export async function checkEdits(api: Api, ledger: Ledger, notes: readonly FinalNote[], tally: Tally) {
  const where: Whereabouts = { present: 0, beside: 0, removed: 0, kept: 0 };
  const primary = notes.filter(({ isConflict }) => !isConflict);
  const beside = notes.filter(({ isConflict }) => isConflict);
  const versions = new Map<string, Promise<string[]>>();

  /** When an edit was surely in the folder. */
  function arrival(edit: Edit): number {
    if (edit.by !== 'away') return edit.doneAt;
    const seen = ledger.saves.filter(({ base }) => says(base, edit) && edit.kind !== 'removal');
    return Math.min(...seen.map(({ readAt }) => readAt));
  }

  function wasSavedOver(edit: Edit): boolean {
    const arrivedAt = arrival(edit);
    return ledger.saves.some(
      ({ path, text, readAt, savedAt }) =>
        path === edit.path && savedAt >= edit.begunAt && readAt < arrivedAt && !says(text, edit),
    );
  }

  /** Whether the editor had saved the line away before, so that its task may have been the one in a conflict note. */
  function wasAway(edit: Edit): boolean {
    const bornAt = ledger.edits.find(({ line }) => line === edit.line)?.begunAt ?? 0;
    return ledger.saves.some(
      ({ path, text, savedAt }) =>
        path === edit.path &&
        savedAt > bornAt &&
        savedAt < edit.doneAt &&
        linesOf(text).every(({ name }) => name !== edit.line),
    );
  }

  async function isKept(edit: Edit): Promise<boolean> {
    if (edit.word === '') return true;
    if (beside.some(({ text }) => hasWord(text, edit.word))) return true;
    if (!versions.has(edit.path)) versions.set(edit.path, readVersions(api, edit.path));
    return (await versions.get(edit.path))?.some((text) => hasWord(text, edit.word)) ?? false;
  }

  async function locate(edit: Edit, later: readonly Edit[]): Promise<keyof Whereabouts | undefined> {
    const holders = primary.filter(({ lines }) => lines.some(({ name }) => name === edit.line));
    // What others wrote over HTTP never gives way to another text.
    const mayLose = edit.by === 'desk' || edit.by === 'away';
    if (edit.kind === 'removal') {
      if (holders.length === 0 || later.length > 0) return 'removed';
      const isConflict = beside.some(({ path, text }) => path.startsWith(edit.path.slice(0, -3)) && says(text, edit));
      if (mayLose && isConflict) return 'beside';
    } else {
      if (holders.some(({ text }) => says(text, edit))) return 'present';
      if (later.some(({ kind }) => kind === 'removal')) return 'removed';
      const isBeside = beside.some(({ text }) => says(text, edit));
      if (isBeside && (mayLose || wasAway(edit))) return 'beside';
    }
    return edit.by !== 'desk' && wasSavedOver(edit) && (await isKept(edit)) ? 'kept' : undefined;
  }

  const ofLine = Map.groupBy(ledger.edits, ({ line }) => line);
  for (const edit of ledger.edits) {
    if (edit.doneAt === Number.POSITIVE_INFINITY) continue;
    const later = ofLine.get(edit.line)?.filter(({ doneAt }) => doneAt > edit.begunAt) ?? [];
    const place = await locate(
      edit,
      later.filter((each) => each !== edit && each.kind !== 'mark'),
    );
    if (place) where[place]++;
    else {
      const { by, kind, line, word, path } = edit;
      tally.lost.push(`${path}: the ${kind} ${word || line} by ${by}, done at ${Math.round(edit.doneAt)}, is nowhere`);
    }
  }
  return where;
}

/** No line may stand twice, save in a note that keeps what lost. */
export function checkDoubles(notes: readonly FinalNote[], tally: Tally): void {
  const places = new Map<string, string[]>();
  for (const { path, lines, isConflict } of notes) {
    for (const { name } of lines) {
      const key = isConflict ? `${name} in ${path}` : name;
      places.set(key, [...(places.get(key) ?? []), path]);
    }
  }
  for (const [line, paths] of places) {
    if (paths.length > 1) tally.doubled.push(`the line ${line} stands ${paths.length} times: ${paths.join(', ')}`);
  }
}
