import type { PendingChange } from '../../store/pending.ts';

/** Changes that become one commit. */
export interface Group {
  actor: string;
  /** Everybody else who changed one of the paths before. */
  others: string[];
  paths: string[];
  changes: PendingChange[];
}

const pathsOf = ({ path, from }: PendingChange) => (from === null ? [path] : [from, path]);

/**
 * Divides changes among those who made them, in the order in which each was last at it. A file that several have
 * changed is the last one's, since only its present text can be committed; where a file was is with where it is now,
 * since a process that ends between two commits must not leave one end of a move behind.
 */
export function groupByActor(changes: readonly PendingChange[]): Group[] {
  const lastOf = new Map<string, PendingChange>();
  for (const change of changes) {
    for (const path of pathsOf(change)) lastOf.set(path, change);
  }
  function ownerOf(path: string): string | undefined {
    let change = lastOf.get(path);
    for (let at = path; change && change.path !== at; change = lastOf.get(at)) at = change.path;
    return change?.actor;
  }
  const groups = new Map<string, Group>();
  for (const change of changes) {
    const actor = ownerOf(change.path) ?? change.actor;
    const group = groups.get(actor) ?? { actor, others: [], paths: [], changes: [] };
    // Last in the order of their last change.
    groups.delete(actor);
    groups.set(actor, group);
    group.changes.push(change);
    if (change.actor !== actor && !group.others.includes(change.actor)) group.others.push(change.actor);
  }
  for (const path of lastOf.keys()) groups.get(ownerOf(path) ?? '')?.paths.push(path);
  return [...groups.values()];
}

/** All changes as one commit of one actor. */
export function asOneGroup(actor: string, changes: readonly PendingChange[]): Group {
  const others = [...new Set(changes.map((change) => change.actor))].filter((each) => each !== actor);
  return { actor, others, paths: [...new Set(changes.flatMap(pathsOf))], changes: [...changes] };
}

/** Groups with another one, whose paths are in none of them: the last, and one with those of the same actor. */
export function withGroup(groups: readonly Group[], last: Group): Group[] {
  const same = groups.find(({ actor }) => actor === last.actor);
  if (!same) return [...groups, last];
  const paths = [...same.paths, ...last.paths];
  return [...groups.filter((group) => group !== same), { ...same, paths, changes: [...same.changes, ...last.changes] }];
}
