import type { Runtime } from '@weave-nn/config';
import type { AnyEvent } from '@weave-nn/events';
import { type ConsumerDefinition, defineConsumer } from '@weave-nn/service';
import type { PendingStore } from '../store/pending.ts';
import type { StateStore } from '../store/state.ts';

/** Where the events of files come from. */
export const QUEUE = 'git_auto_commit';

/** The change that an event tells of and that leaves a trace in a commit; a conflict's own files have events of their own. */
function changeOf(event: AnyEvent): { path: string; from: string | null }[] {
  switch (event.type) {
    case 'vault.file.created':
    case 'vault.file.updated':
    case 'vault.file.deleted':
      return [{ path: event.data.path, from: null }];
    case 'vault.file.moved':
      return [{ path: event.data.path, from: event.data.from }];
    default:
      return [];
  }
}

/**
 * Writes down every change of a file, or, where nothing is committed, only that there were some: a repository that
 * comes later is compared with the folder. What a commit holds is the file's state at the time of the commit, so that a
 * missing event costs a mention and no text.
 */
export function vaultFileConsumer(options: {
  pending: PendingStore;
  state: StateStore;
  /** Whether there is, or will be, a repository that changes are committed to. */
  isKept(): boolean;
  runtime: Runtime;
  onApplied: () => void;
}): ConsumerDefinition {
  const { pending, state, runtime, isKept } = options;
  return defineConsumer({
    name: 'git',
    queue: QUEUE,
    order: 'every',
    handler: {
      prepare: async () => undefined,
      async apply(sql, events) {
        if (!isKept()) return state.overlook(sql);
        const receivedAt = runtime.now();
        const changes = events.flatMap((event) =>
          changeOf(event).map((change) => ({ ...change, eventId: event.id, actor: event.data.actor, receivedAt })),
        );
        await pending.add(sql, changes);
      },
    },
    onApplied: options.onApplied,
  });
}
