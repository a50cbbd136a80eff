import { Worker } from 'node:worker_threads';
import type { Sql } from '../database.ts';
import { transactionClosed } from '../errors.ts';
import { sqliteFailure } from './failures.ts';
import type { Order, Outcome, ThreadData, Thrown } from './thread-messages.ts';

/** Without work for so long the thread ends: it has tens of megabytes that an idle process does without. */
const idleMs = 3_000;

interface Waiting {
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

function revive({ message, stack, code, errcode }: Thrown): Error {
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return Object.assign(error, Number.isNaN(errcode) ? {} : { code, errcode });
}

/** A thread with a connection of its own; it answers in the order in which it is asked. */
function startThread(file: string, module: URL) {
  const worker = new Worker(module, { workerData: { file } satisfies ThreadData });
  const waiting: Waiting[] = [];
  const ended = Promise.withResolvers<void>();
  let end: Error | undefined;

  function endWith(error: Error) {
    end ??= error;
    for (const { reject } of waiting.splice(0)) reject(end);
    ended.resolve();
  }
  worker.on('message', (outcome: Outcome) => {
    const asked = waiting.shift();
    if ('thrown' in outcome) asked?.reject(revive(outcome.thrown));
    else asked?.resolve(outcome.result);
  });
  worker.on('error', (error) => endWith(error as Error));
  worker.on('exit', (code) => endWith(new Error(`the thread of ${file} has ended with code ${code}`)));

  return {
    hasEnded: () => end !== undefined,
    ask(order: Order): Promise<unknown> {
      if (end) return Promise.reject(end);
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        worker.postMessage(order);
      });
    },
    /** While it is busy it keeps the process alive. */
    busy: (isBusy: boolean) => (isBusy ? worker.ref() : worker.unref()),
    /** Resolves when its connection is closed. */
    async close() {
      worker.ref();
      worker.postMessage(null);
      await ended.promise;
    },
    async terminate() {
      await worker.terminate();
    },
  };
}

/** Runs transactions on a SQLite file in another thread, one at a time; whoever calls sees to that. */
export interface Thread {
  transaction<Result>(work: (sql: Sql) => Promise<Result>): Promise<Result>;
  /** Resolves when nothing of it is left. */
  close(): Promise<void>;
}

/**
 * Makes what starts a thread when there is work for it and ends it when there has been none for a while.
 *
 * @param module calls `serveThread`
 */
export function createThread(file: string, module: URL): Thread {
  let running: ReturnType<typeof startThread> | undefined;
  let closing: Promise<void> | undefined;
  let idle: NodeJS.Timeout | undefined;

  function close(): Promise<void> {
    clearTimeout(idle);
    const last = running;
    running = undefined;
    if (last) closing = last.close();
    return closing ?? Promise.resolve();
  }

  async function run<Result>(thread: ReturnType<typeof startThread>, work: (sql: Sql) => Promise<Result>) {
    let isOpen = true;
    async function ask(order: Order): Promise<unknown> {
      if (!isOpen) throw transactionClosed();
      try {
        return await thread.ask(order);
      } catch (error) {
        throw sqliteFailure(error, file);
      }
    }
    const sql: Sql = {
      all: async (text, ...values) => (await ask({ kind: 'all', text, values })) as never,
      get: async (text, ...values) => (await ask({ kind: 'get', text, values })) as never,
      run: async (text, ...values) => (await ask({ kind: 'run', text, values })) as number,
      async runEach(text, rows) {
        await ask({ kind: 'runEach', text, rows });
      },
      async perform({ name }, argument) {
        await ask({ kind: 'perform', name, argument });
      },
    };
    try {
      await ask({ kind: 'begin' });
      const result = await work(sql);
      await ask({ kind: 'commit' });
      return result;
    } catch (error) {
      // What cannot be undone by asking is undone by SQLite when the connection goes.
      await thread.ask({ kind: 'rollback' }).catch(() => thread.terminate());
      throw error;
    } finally {
      isOpen = false;
    }
  }

  return {
    async transaction(work) {
      clearTimeout(idle);
      if (running?.hasEnded()) running = undefined;
      running ??= startThread(file, module);
      const thread = running;
      thread.busy(true);
      try {
        return await run(thread, work);
      } finally {
        thread.busy(false);
        idle = setTimeout(close, idleMs).unref();
      }
    },
    close,
  };
}
