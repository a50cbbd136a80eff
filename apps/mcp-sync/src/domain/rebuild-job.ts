import { defineJob, type StepContext } from '@weave-nn/background';
import type { FileApi, FileState } from '@weave-nn/clients';
import { Type } from '@weave-nn/config';
import type { NoteStore } from '../store/notes.ts';
import type { Transactions } from '../store/transaction.ts';

const CHUNK = 200;
const MAX_FILL_ATTEMPTS = 20;

/** The kind of the jobs that rebuild the index, which is also their key: one of them runs at a time. */
export const INDEX_REBUILD = 'index-rebuild';

export interface RebuildOptions {
  files: FileApi;
  notes: NoteStore;
  database: Transactions;
  /** Brings the index up to date with files. */
  index(states: readonly FileState[]): Promise<void>;
  /** Called whenever the index has changed. */
  changed(): Promise<void>;
}

/**
 * Defines the job that empties the index and fills it again from the files instead of from events. Events that come
 * meanwhile are applied as always. Since a half-filled index helps nobody, a cancelled job fills it before it ends.
 */
export function createRebuildJob({ files, notes, database, index, changed }: RebuildOptions) {
  async function fill({ signal, reportProgress }: StepContext): Promise<{ files: number }> {
    const { files: total } = await files.status();
    let done = 0;
    for await (const items of files.manifest()) {
      for (let start = 0; start < items.length; start += CHUNK) {
        signal.throwIfAborted();
        const states = await files.read(items.slice(start, start + CHUNK).map(({ path }) => path));
        await index(states);
        await changed();
        done += states.filter(({ deleted }) => !deleted).length;
        reportProgress({ done, total, message: 'files indexed' });
      }
    }
    return { files: done };
  }

  return defineJob({
    kind: INDEX_REBUILD,
    input: Type.Object({}, { additionalProperties: false }),
    steps: [
      {
        name: 'clear',
        async run() {
          await database.transaction((sql) => notes.clear(sql));
          await changed();
        },
        async compensate(context) {
          await fill(context);
        },
      },
      { name: 'fill', maxAttempts: MAX_FILL_ATTEMPTS, run: fill },
    ],
  });
}
