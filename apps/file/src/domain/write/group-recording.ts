import type { ChangedFile } from '@weave-nn/clients';
import type { ManifestEntry, ManifestStore } from '../../store/manifest.ts';
import type { Transaction } from '../../store/transaction.ts';
import type { Change, Move, Present, Recording } from '../reconcile/recording.ts';
import type { Author, Intent } from './write-group.ts';

/** An intent that has been executed on disk. */
export interface ExecutedIntent {
  intent: Intent;
  /** The file at the intent's path, as far as it is the one that the intent wanted there; null when it is gone. */
  present: Present | null;
}

type Effect = { move: Move } | { change: Change } | { deletion: ManifestEntry } | null;

/** The entry that an intent replaces: a path that another intent has emptied has none any more. */
function entryBefore({ kind, path, from }: Intent, entries: ReadonlyMap<string, ManifestEntry>, emptied: Set<string>) {
  if (kind === 'put' && emptied.has(path)) return undefined;
  return entries.get(from ?? path);
}

function effectOf({ intent, present }: ExecutedIntent, before: ManifestEntry | undefined): Effect {
  if (!present) return before ? { deletion: before } : null;
  if (intent.kind === 'move' && before) return { move: { present, before } };
  return { change: { present, before } };
}

/** Takes a result for each effect of one kind, in their order. */
function inOrder<Result>(results: readonly Result[]): () => Result {
  const iterator = results.values();
  return () => iterator.next().value as Result;
}

/**
 * Records what the intents of one group did, in the caller's transaction. Deletions come first, then all moves together,
 * then the rest, so that a path that several intents concern ends with the file that is there.
 *
 * @returns what changed, in the order of the intents; a deletion that made room for another file is not among it
 */
export async function recordIntents(
  sql: Transaction,
  executed: readonly ExecutedIntent[],
  author: Author,
  { manifest, recording }: { manifest: ManifestStore; recording: Recording },
): Promise<ChangedFile[]> {
  const intents = executed.map(({ intent }) => intent);
  const entries = await manifest.findAll(
    intents.map(({ from, path }) => from ?? path),
    sql,
  );
  const emptied = new Set(intents.flatMap(({ kind, from, path }) => (kind === 'put' ? [] : [from ?? path])));
  const effects = executed.map((each) => effectOf(each, entryBefore(each.intent, entries, emptied)));
  const deletions = effects.flatMap((effect) => (effect && 'deletion' in effect ? [effect.deletion] : []));
  const moves = effects.flatMap((effect) => (effect && 'move' in effect ? [effect.move] : []));
  const changes = effects.flatMap((effect) => (effect && 'change' in effect ? [effect.change] : []));
  const nextDeletion = inOrder(await recording.deleted(sql, deletions, author));
  const nextMove = inOrder(await recording.moved(sql, moves, author));
  const nextChange = inOrder(await recording.changed(sql, changes, author));

  return effects.flatMap((effect, index): ChangedFile[] => {
    if (!effect) return [];
    if ('deletion' in effect) {
      const sequence = nextDeletion();
      if (intents[index]?.kind === 'remove' && intents[index].detached) return [];
      return [{ path: effect.deletion.path, change: 'deleted', etag: null, size: null, sequence }];
    }
    const { present, before } = 'move' in effect ? effect.move : effect.change;
    const file = { path: present.path, etag: `"${present.hash}"`, size: present.stat.size };
    if ('move' in effect) return [{ ...file, change: 'moved', from: effect.move.before.path, ...nextMove() }];
    return [{ ...file, change: before ? 'updated' : 'created', sequence: nextChange() }];
  });
}
