import type { FileApi, FileState, RebuildResult } from '@weave-nn/clients';
import type { Runtime } from '@weave-nn/config';
import { ReadSideError } from '../errors.ts';
import type { NoteStore } from '../store/notes.ts';
import type { Transactions } from '../store/transaction.ts';

const CHUNK = 200;

/**
 * Fills the index from the files instead of from events.
 *
 * @param options.changed called whenever the index has changed
 */
export function createRebuild(options: {
  files: FileApi;
  notes: NoteStore;
  database: Transactions;
  /** Brings the index up to date with files. */
  index(states: readonly FileState[]): Promise<void>;
  runtime: Runtime;
  changed: () => Promise<void>;
}) {
  const { files, notes, database, runtime, changed } = options;
  let running = false;

  async function fill(): Promise<number> {
    let count = 0;
    for await (const items of files.manifest()) {
      for (let start = 0; start < items.length; start += CHUNK) {
        const chunk = items.slice(start, start + CHUNK);
        const states = await files.read(chunk.map(({ path }) => path));
        await options.index(states);
        await changed();
        count += states.filter(({ deleted }) => !deleted).length;
      }
    }
    return count;
  }

  return {
    isRunning: () => running,

    /**
     * Empties the index and fills it again. Events that come meanwhile are applied as always.
     *
     * @throws ReadSideError `rebuild-running` when one is under way
     */
    async run(): Promise<RebuildResult> {
      if (running) throw new ReadSideError('rebuild-running', 'the index is being rebuilt already');
      running = true;
      const started = runtime.monotonic();
      try {
        await database.transaction((sql) => notes.clear(sql));
        await changed();
        const count = await fill();
        return { files: count, tookMs: Math.round(runtime.monotonic() - started) };
      } finally {
        running = false;
      }
    },

    /** Indexes what the manifest has and an empty index lacks: a read side that was added later, or lost its database. */
    async fillIfEmpty(): Promise<void> {
      if ((await notes.count()) === 0) await fill();
    },
  };
}

export type Rebuild = ReturnType<typeof createRebuild>;
