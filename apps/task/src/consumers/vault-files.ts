import { type AnyEvent, dependencyUnavailable } from '@weave-nn/events';
import { type ConsumerDefinition, defineConsumer } from '@weave-nn/service';
import { isNote } from '@weave-nn/vault';
import type { Author } from '../domain/change/task-events.ts';
import type { NoteFiles } from '../domain/notes/note-files.ts';
import type { NoteSync } from '../domain/notes/note-sync.ts';

/** The consumer's name; its inbox and sequences are kept under it. */
const CONSUMER = 'task';
const nobody: Author = { actor: 'watcher', client: null, requestId: null };

/** Notes whose state an event may have changed. */
function pathsOf(event: AnyEvent): string[] {
  switch (event.type) {
    case 'vault.file.created':
    case 'vault.file.updated':
    case 'vault.file.deleted':
      return [event.data.path].filter(isNote);
    case 'vault.file.moved':
      return [event.data.from, event.data.path].filter(isNote);
    default:
      return [];
  }
}

/** Keeps the tasks true to the notes: every event of a note makes its present state be read. */
export function vaultFileConsumer(options: {
  files: NoteFiles;
  sync: NoteSync;
  onApplied: () => void;
}): ConsumerDefinition {
  const { files, sync, onApplied } = options;
  return defineConsumer({
    name: CONSUMER,
    queue: 'task_sync',
    order: 'newest',
    handler: {
      async prepare(events) {
        try {
          return await files.read([...new Set(events.flatMap(pathsOf))]);
        } catch (error) {
          throw dependencyUnavailable('the file service', error);
        }
      },
      async apply(sql, events, prepared) {
        const authors = new Map<string, Author>();
        const renamed = new Map<string, string>();
        for (const event of events) {
          const { actor, client, requestId } = event.data;
          for (const path of pathsOf(event)) authors.set(path, { actor, client, requestId });
          if (event.type === 'vault.file.moved') renamed.set(event.data.path, event.data.from);
        }
        await sync.apply(sql, prepared, { authorOf: (path) => authors.get(path) ?? nobody, renamed });
      },
    },
    onApplied,
  });
}
