import { backoff, createSignal, pause, type Runtime } from '@weave-nn/config';
import { createLease, type Database, type Term } from '@weave-nn/database';

const INITIAL_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 10_000;

/** What background work tells operators. */
export interface WorkerLog {
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
}

/** What all background work of a service runs with. */
export interface WorkerContext {
  runtime: Runtime;
  log: WorkerLog;
  /** Called after each round, for metrics. */
  observeRound?(worker: string, outcome: 'succeeded' | 'failed', seconds: number): void;
}

/** Work of which at most one process of a service does a round at a time. */
export interface WorkerLease {
  database: Database;
  /** Different for each kind of work of a database. */
  name: string;
  /** Milliseconds after which another process takes over from one that died. */
  durationMs: number;
}

export interface WorkerOptions extends WorkerContext {
  /** How log lines and metrics name it. */
  name: string;
  /** Milliseconds between rounds, unless it is woken or the round says something else. */
  intervalMs: number;
  /** Milliseconds until a failed round is repeated; doubled with each failure. */
  initialBackoffMs?: number;
  maxBackoffMs?: number;
  /** Absent for work that every process does. */
  lease?: WorkerLease;
  /**
   * One round of the work. It ends soon after the term's signal is aborted.
   *
   * @returns milliseconds until the next round, 0 for at once; nothing for the interval
   */
  run(term: Term): Promise<number | undefined> | Promise<void>;
  /** Awaited when a term has ended, before another process may have the lease. */
  onTermEnd?(): Promise<void>;
  /** Whether a failure is logged; it is repeated either way. By default all are. */
  isReported?(error: unknown): boolean;
}

/** Work that goes on by itself. */
export interface Worker {
  /** Begins the next round now, or as soon as the present one has ended. */
  wake(): void;
  /** What the last round failed with; undefined when it succeeded. */
  lastError(): unknown;
  /** Ends the present round and begins no other one. */
  stop(): Promise<void>;
}

/** The term of work that every process does. */
function unlimitedTerm(signal: AbortSignal): Term {
  return { epoch: 1, signal, async fence() {}, assertHeld() {} };
}

/**
 * Starts work that is done in rounds: at once, then after each interval, whenever it is woken, and again with increasing
 * backoff after a failure. The same failure is logged once until a round succeeds.
 */
export function startWorker(options: WorkerOptions): Worker {
  const { name, runtime, log, intervalMs, lease, isReported = () => true } = options;
  const { initialBackoffMs = INITIAL_BACKOFF_MS, maxBackoffMs = MAX_BACKOFF_MS } = options;
  const stopping = new AbortController();
  const woken = createSignal();
  let isWoken = false;
  let failures = 0;
  let reported: string | undefined;
  let lastError: unknown;

  function succeed(seconds: number): void {
    options.observeRound?.(name, 'succeeded', seconds);
    if (reported !== undefined) log.info({ worker: name, failures }, 'background work succeeds again');
    failures = 0;
    reported = undefined;
    lastError = undefined;
  }

  function fail(error: unknown, seconds: number): number {
    options.observeRound?.(name, 'failed', seconds);
    failures++;
    lastError = error;
    const message = error instanceof Error ? error.message : String(error);
    if (message !== reported && isReported(error)) {
      log.warn({ worker: name, err: error }, 'background work failed; it is repeated');
      reported = message;
    }
    return backoff(runtime, failures, initialBackoffMs, maxBackoffMs);
  }

  /** @returns milliseconds until the next round */
  async function runRound(term: Term): Promise<number> {
    const begun = runtime.monotonic();
    const secondsSince = () => (runtime.monotonic() - begun) / 1000;
    try {
      const wait = (await options.run(term)) ?? intervalMs;
      succeed(secondsSince());
      return wait;
    } catch (error) {
      return term.signal.aborted ? 0 : fail(error, secondsSince());
    }
  }

  async function runRounds(term: Term): Promise<void> {
    while (!term.signal.aborted) {
      isWoken = false;
      const wait = await runRound(term);
      if (isWoken || wait <= 0) continue;
      const over = new AbortController();
      const waiting = AbortSignal.any([term.signal, over.signal]);
      await Promise.race([woken.next(waiting), pause(runtime, wait, waiting)]);
      over.abort();
    }
    await options.onTermEnd?.();
  }

  const held = lease
    ? createLease({
        database: lease.database,
        name: lease.name,
        owner: runtime.uuid(),
        duration: lease.durationMs,
        runtime,
        log,
        report: (message, error) => log.warn({ worker: name, err: error }, message),
        work: runRounds,
      })
    : undefined;
  held?.start();
  const working = held ? undefined : runRounds(unlimitedTerm(stopping.signal));

  return {
    wake() {
      isWoken = true;
      woken.notify();
    },
    lastError: () => lastError,
    async stop() {
      stopping.abort();
      await Promise.all([working, held?.stop()]);
    },
  };
}
