import type { FileApi, FileState } from '@weave-nn/clients';
import { type AnyEvent, dependencyUnavailable } from '@weave-nn/events';
import { type ConsumerDefinition, defineConsumer } from '@weave-nn/service';
import { indexFiles } from '../domain/index-files.ts';
import type { IndexAddition } from '../store/index-notes.ts';
import { INDEX, indexEvents, indexFresh } from './effects.ts';

/** On SQLite the words of a transaction are sorted and written at its end: of twice as many at a time, in a third less time. */
const LARGEST_BATCH = 2_000;

/** Paths whose state an event may have changed. */
function pathsOf(event: AnyEvent): string[] {
  switch (event.type) {
    case 'vault.file.created':
    case 'vault.file.updated':
    case 'vault.file.deleted':
      return [event.data.path];
    case 'vault.file.moved':
      return [event.data.from, event.data.path];
    default:
      return [];
  }
}

/** Reads states, taking a service that is away for a reason to wait. */
export async function readStates(files: FileApi, paths: readonly string[]): Promise<FileState[]> {
  if (paths.length === 0) return [];
  try {
    return await files.read(paths);
  } catch (error) {
    throw dependencyUnavailable('the file service', error);
  }
}

/** Keeps the index true to the vault: every event of a file makes its present state be read and indexed. */
export function vaultFileConsumer(options: {
  files: FileApi;
  index: Pick<IndexAddition, 'provider' | 'vaultId'>;
  onApplied: () => Promise<void>;
}): ConsumerDefinition {
  return defineConsumer({
    ...INDEX,
    queue: 'mcp_sync',
    goesFirst: true,
    ...(options.index.provider === 'sqlite' ? { batch: LARGEST_BATCH } : {}),
    handler: {
      bytesOf: ({ data }) => ('size' in data ? data.size : 0),
      async prepare(events) {
        const states = await readStates(options.files, [...new Set(events.flatMap(pathsOf))]);
        return { ...options.index, ...(await indexFiles(states)) };
      },
      apply: (sql, fresh, addition) => indexFresh(sql, fresh, addition),
      procedure: indexEvents,
    },
    onApplied: options.onApplied,
  });
}
