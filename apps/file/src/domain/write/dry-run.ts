import { canHaveLinks } from '@weave-nn/vault';
import { createTwoFilesPatch } from 'diff';
import { decodeNote } from '../read/content.ts';
import type { VaultFolder } from '../vault-folder.ts';
import { type Plan, readBefore } from './plan.ts';
import { type ChangeKind, changeOf } from './planned.ts';

export interface PlannedDiff {
  path: string;
  from?: string;
  change: ChangeKind;
  diff: string;
}

/** Longer than this the comparison is given up, and the change shown as all lines out, all lines in. */
const MAX_DIFF_MS = 2_000;

function unifiedDiff(before: string, after: string, nameBefore: string, nameAfter: string): string {
  if (before === after) return '';
  const options = { context: 3, timeout: MAX_DIFF_MS };
  const patch = createTwoFilesPatch(nameBefore, nameAfter, before, after, undefined, undefined, options);
  if (patch !== undefined) return patch;
  const out = before.split('\n').map((line) => `-${line}`);
  const into = after.split('\n').map((line) => `+${line}`);
  const place = `@@ -1,${out.length} +1,${into.length} @@`;
  return [`--- ${nameBefore}`, `+++ ${nameAfter}`, place, ...out, ...into, ''].join('\n');
}

/** Shows a plan as unified diffs, one for each path that would change. */
export function showPlan({ files }: Plan, folder: VaultFolder): PlannedDiff[] {
  const present = new Set(files.flatMap(({ path, bytes }) => (bytes === null ? [] : [path])));
  return files.flatMap((planned) => {
    const { path, before, bytes } = planned;
    const change = changeOf(planned);
    if (!change || (change === 'deleted' && present.has(path))) return [];
    const moved = change === 'moved' && before ? { from: before.path } : {};
    if (!canHaveLinks(path) || bytes === 'unchanged') return [{ path, ...moved, change, diff: '' }];
    const textBefore = before ? decodeNote(readBefore(folder, before)).text : '';
    const textAfter = bytes === null ? '' : decodeNote(bytes).text;
    const nameBefore = before ? `a/${before.path}` : '/dev/null';
    const nameAfter = bytes === null ? '/dev/null' : `b/${path}`;
    const diff = unifiedDiff(textBefore, textAfter, nameBefore, nameAfter);
    return change === 'updated' && diff === '' ? [] : [{ path, ...moved, change, diff }];
  });
}
