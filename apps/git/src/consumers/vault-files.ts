import type { Runtime } from '@weave-nn/config';
import type { EventData, WeaveEvent } from '@weave-nn/events';
import type { ConsumerDefinition } from '@weave-nn/service';
import type { PendingStore } from '../store/pending.ts';
import type { StateStore } from '../store/state.ts';

/** Where the events of files come from. */
export const QUEUE = 'git_auto_commit';

/** File events that leave a trace in a commit; a conflict's own files have events of their own. */
function isChange({ type }: WeaveEvent): boolean {
  return type.startsWith('vault.file.') && type !== 'vault.file.conflict';
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
  return {
    name: 'git',
    queue: QUEUE,
    order: 'every',
    handler: {
      prepare: async () => undefined,
      async apply(sql, events) {
        if (!isKept()) return state.change(sql, { overlooked: true });
        const receivedAt = runtime.now();
        const changes = events.filter(isChange).map(({ id, type, data }) => {
          const { path, actor, from = null } = data as EventData<'vault.file.moved'> & { from?: string };
          return { eventId: id, path, from: type === 'vault.file.moved' ? from : null, actor, receivedAt };
        });
        await pending.add(sql, changes);
      },
    },
    onApplied: options.onApplied,
  };
}
