import { Worker } from 'node:worker_threads';
import type { Procedure } from '../database.ts';
import { sqliteFailure } from './failures.ts';
import type { Instruction, Order, Outcome, ThreadData, Thrown } from './thread-messages.ts';

/** Megabytes of new objects that a thread may have: an order and all that is made of it, which end together. */
const MAX_YOUNG_GENERATION_MB = 64;

interface Waiting {
  resolve(): void;
  reject(error: unknown): void;
}

function revive({ message, stack, code, errcode }: Thrown): Error {
  const error = new Error(message);
  if (stack !== undefined) error.stack = stack;
  return Object.assign(error, Number.isNaN(errcode) ? {} : { code, errcode });
}

/** A thread with a connection of its own; it answers in the order in which it is asked. */
function startThread(file: string, module: URL) {
  const worker = new Worker(module, {
    workerData: { file } satisfies ThreadData,
    resourceLimits: { maxYoungGenerationSizeMb: MAX_YOUNG_GENERATION_MB },
  });
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
    if (outcome) asked?.reject(revive(outcome));
    else asked?.resolve();
  });
  worker.on('error', (error) => endWith(error as Error));
  worker.on('exit', (code) => endWith(new Error(`the thread of ${file} has ended with code ${code}`)));
  const tell = (instruction: Instruction) => worker.postMessage(instruction);

  return {
    hasEnded: () => end !== undefined,
    give: (order: Order) => tell({ give: order }),
    /** Has it do an order that it was given. */
    begin({ id }: Order): Promise<void> {
      if (end) return Promise.reject(end);
      return new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        tell({ begin: id });
      });
    },
    /** While it is busy it keeps the process alive. */
    busy: (isBusy: boolean) => (isBusy ? worker.ref() : worker.unref()),
    /** Resolves when its connection is closed. */
    async close() {
      worker.ref();
      tell('end');
      await ended.promise;
    },
  };
}

/** Does procedures on a SQLite file in another thread, one at a time; whoever calls sees to that. */
export interface Thread {
  /** Starts it before there is work for it. */
  start(): void;
  /**
   * Hands one over before it is its turn, so that the thread need not wait for the argument then.
   *
   * @returns does it, in a transaction of its own, whenever it is called
   */
  prepare<Argument>(procedure: Procedure<Argument>, argument: Argument): () => Promise<void>;
  /** Resolves when nothing of it is left. */
  close(): Promise<void>;
}

/**
 * Creates a thread that is started at its first work, and again after it was lost, and ends with its database.
 *
 * @param module calls `serveThread`
 */
export function createThread(file: string, module: URL): Thread {
  let running: ReturnType<typeof startThread> | undefined;
  let closing: Promise<void> | undefined;
  let orders = 0;

  function close(): Promise<void> {
    const last = running;
    running = undefined;
    if (last) closing = last.close();
    return closing ?? Promise.resolve();
  }

  function start() {
    if (running?.hasEnded()) running = undefined;
    running ??= startThread(file, module);
    return running;
  }

  return {
    start: () => start().busy(false),
    prepare({ name }, argument) {
      const order: Order = { id: ++orders, procedure: name, argument };
      let holder: ReturnType<typeof startThread> | undefined = start();
      holder.give(order);
      return async () => {
        const thread = start();
        // The one that has it may have ended since; and one that has done it once has it no more.
        if (thread !== holder) thread.give(order);
        holder = undefined;
        thread.busy(true);
        try {
          await thread.begin(order);
        } catch (error) {
          throw sqliteFailure(error, file);
        } finally {
          thread.busy(false);
        }
      };
    },
    close,
  };
}
