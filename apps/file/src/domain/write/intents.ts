import { hashOf, type VaultFolder } from '../vault-folder.ts';
import { changeOf, type Planned, reusedPaths } from './planned.ts';
import { type Intent, TEMPORARY_PREFIX } from './write-group.ts';

const order = { move: 0, put: 1, remove: 2 };

function beside(path: string, name: string): string {
  return path.includes('/') ? `${path.slice(0, path.lastIndexOf('/'))}/${name}` : name;
}

function trashPath(path: string, folder: VaultFolder): string {
  const plain = `.trash/${path}`;
  if (!folder.stat(plain)) return plain;
  const dot = plain.lastIndexOf('.');
  const [stem, extension] = dot > plain.lastIndexOf('/') ? [plain.slice(0, dot), plain.slice(dot)] : [plain, ''];
  for (let number = 2; ; number++) {
    const numbered = `${stem} (${number})${extension}`;
    if (!folder.stat(numbered)) return numbered;
  }
}

function toIntent(
  planned: Planned,
  name: string,
  ordinal: number,
  reused: ReadonlySet<string>,
  folder: VaultFolder,
): Intent {
  const { path, before, bytes, permanent } = planned;
  const change = changeOf(planned);
  const replaced = before?.path ?? path;
  const content = bytes !== null && bytes !== 'unchanged';
  return {
    kind: change === 'deleted' ? 'remove' : change === 'moved' ? 'move' : 'put',
    path,
    from: change === 'moved' ? replaced : null,
    trash: change === 'deleted' && !permanent ? trashPath(path, folder) : null,
    temporary: content ? beside(path, `${TEMPORARY_PREFIX}${name}-${ordinal}`) : null,
    aside: beside(replaced, `${TEMPORARY_PREFIX}${name}-${ordinal}-old`),
    detached: (change === 'moved' || change === 'deleted') && reused.has(replaced),
    hashBefore: before?.hash ?? null,
    hashAfter: bytes === null ? null : content ? hashOf(bytes) : (before?.hash ?? null),
  };
}

function changesSomething(planned: Planned): boolean {
  const { before, bytes, path } = planned;
  const change = changeOf(planned);
  if (change !== 'updated') return change !== null;
  return bytes !== 'unchanged' && bytes !== null && !(before?.path === path && before.hash === hashOf(bytes));
}

/**
 * What is to be done on disk for a plan, in an order in which it can be.
 *
 * @param name goes into the names of the hidden files, which no other group may use
 * @returns an intent for each planned file that changes
 */
export function toIntents(
  plan: readonly Planned[],
  name: string,
  folder: VaultFolder,
): { planned: Planned; intent: Intent }[] {
  const reused = reusedPaths(plan);
  return plan
    .filter(changesSomething)
    .map((planned, index) => ({ planned, intent: toIntent(planned, name, index, reused, folder) }))
    .sort((one, other) => order[one.intent.kind] - order[other.intent.kind]);
}
