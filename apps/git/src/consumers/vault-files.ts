import type { Runtime } from '@weave-nn/config';
import type { EventData, WeaveEvent } from '@weave-nn/events';
import type { ConsumerDefinition } from '@weave-nn/service';
import type { PendingStore } from '../store/pending.ts';

/** Files events that leave a trace in a commit; a conflict's own files have events of their own. */
function isChange({ type }: WeaveEvent): boolean {
  return type.startsWith('vault.file.') && type !== 'vault.file.conflict';
}

/**
 * Writes down every change of a file. What a commit holds is the file's state at the time of the commit, so that a
 * missing event costs a mention and no text.
 */
export function vaultFileConsumer(options: {
  pending: PendingStore;
  runtime: Runtime;
  onApplied: () => void;
}): ConsumerDefinition {
  const { pending, runtime } = options;
  return {
    name: 'git',
    queue: 'git_auto_commit',
    order: 'every',
    handler: {
      prepare: async () => undefined,
      async apply(sql, events) {
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
