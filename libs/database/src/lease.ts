import { backoff, pause, type Runtime } from '@weave-nn/config';
import type { Database, Sql } from './database.ts';
import { DatabaseError } from './errors.ts';
import { createLeaseRows } from './lease-rows.ts';

const INITIAL_BACKOFF_MS = 100;
/** How long after the end of another's term it is tried to begin one, at most, so that not all try at once. */
const SPREAD = 100;

/** One stretch of time for which a process has a lease. */
export interface Term {
  /** Rises with every change of owner. */
  readonly epoch: number;
  /** Aborted once the lease is lost or about to be given back. */
  readonly signal: AbortSignal;
  /**
   * Makes sure that the lease is still held, as the first thing in a transaction: until it ends nobody else gets it.
   *
   * @throws DatabaseError `lease-lost`
   */
  fence(sql: Sql): Promise<void>;
  /**
   * The same by this process's own clock, for what no transaction protects.
   *
   * @throws DatabaseError `lease-lost`
   */
  assertHeld(): void;
}

export interface LeaseOptions {
  database: Database;
  name: string;
  /** Who asks, different for every process. */
  owner: string;
  /** Milliseconds after which a holder that no longer renews has lost it. */
  duration: number;
  runtime: Runtime;
  report: (message: string, error: unknown) => void;
  /** Says when a term begins and ends, where other processes may have the lease. */
  log?: { info(details: object, message: string): void };
  /** What the holder does; ends soon after the term's signal is aborted, and only then. */
  work(term: Term): Promise<void>;
}

/** Something that one of many processes has at a time. */
export interface Lease {
  /** Begins to ask for it; resolves at once. */
  start(): void;
  /** Ends the work and gives it back. */
  stop(): Promise<void>;
}

function leaseLost(name: string): DatabaseError {
  return new DatabaseError('lease-lost', `This process no longer has the lease ${name}; another one may have it`);
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/**
 * Lets one process at a time do something. On PostgreSQL it is a row of the table `lease` (see `createLeaseRows`),
 * renewed every third of its duration and timed by the server's clock alone, so that the machines' clocks may jump;
 * a holder that dies is replaced within one and a half durations. On SQLite, which one process has to itself, it is
 * held from `start` to `stop`.
 */
export function createLease(options: LeaseOptions): Lease {
  return options.database.provider === 'sqlite' ? createSoleLease(options) : createSharedLease(options);
}

function createSoleLease({ name, work, report }: LeaseOptions): Lease {
  const stop = new AbortController();
  let working: Promise<void> | undefined;
  const term: Term = {
    epoch: 1,
    signal: stop.signal,
    async fence() {},
    assertHeld() {},
  };
  return {
    start() {
      working ??= work(term).catch((error) => report(`lease ${name}: its work ended early`, error));
    },
    async stop() {
      stop.abort();
      await working;
    },
  };
}

function createSharedLease(options: LeaseOptions): Lease {
  const { name, owner, duration, runtime, report, log } = options;
  const rows = createLeaseRows(options.database);
  const stop = new AbortController();
  let running: Promise<void> | undefined;

  /** Renews until the lease is lost, or `stop`. */
  async function renewUntilLost(epoch: number, lost: AbortSignal, renewed: (since: number) => void): Promise<void> {
    const ended = AbortSignal.any([lost, stop.signal]);
    for (let failures = 0; ; ) {
      const wait = failures > 0 ? backoff(runtime, failures, INITIAL_BACKOFF_MS, duration / 3) : duration / 3;
      await pause(runtime, wait, ended);
      if (ended.aborted) return;
      try {
        const since = runtime.monotonic();
        if (!(await rows.renew(name, { owner, epoch }, duration))) return;
        renewed(since);
        failures = 0;
      } catch (error) {
        failures++;
        report(`lease ${name}: it could not be renewed; it is retried`, error);
      }
    }
  }

  /** Holds the lease for one term, counted from before it was asked for. */
  async function hold(epoch: number, asked: number): Promise<void> {
    const end = new AbortController();
    let heldUntil = asked + duration;
    let expiry = runtime.after(heldUntil - runtime.monotonic(), () => end.abort());
    const term: Term = {
      epoch,
      signal: end.signal,
      async fence(sql) {
        if (!(await rows.fence(sql, name, { owner, epoch }, duration))) throw leaseLost(name);
      },
      assertHeld() {
        if (end.signal.aborted || runtime.monotonic() >= heldUntil) throw leaseLost(name);
      },
    };
    log?.info({ lease: name, epoch }, 'leadership gained');
    const working = options.work(term).catch((error) => report(`lease ${name}: its work ended early`, error));
    // A renewal that hangs must not keep the term from ending.
    await Promise.race([
      whenAborted(end.signal),
      renewUntilLost(epoch, end.signal, (since) => {
        expiry.cancel();
        heldUntil = since + duration;
        expiry = runtime.after(heldUntil - runtime.monotonic(), () => end.abort());
      }),
    ]);
    expiry.cancel();
    end.abort();
    await working;
    log?.info({ lease: name, epoch }, 'leadership ended');
    if (!stop.signal.aborted) return report(`lease ${name}: lost`, leaseLost(name));
    await rows
      .release(name, { owner, epoch })
      .catch((error) => report(`lease ${name}: not given back; it ends by itself`, error));
  }

  async function run(): Promise<void> {
    let failures = 0;
    while (!stop.signal.aborted) {
      try {
        const asked = runtime.monotonic();
        const answer = await rows.take(name, owner, duration);
        failures = 0;
        if ('epoch' in answer) await hold(answer.epoch, asked);
        else await pause(runtime, Math.min(duration / 3, answer.freeIn + SPREAD * runtime.random()), stop.signal);
      } catch (error) {
        failures++;
        report(`lease ${name}: it could not be asked for; it is retried`, error);
        await pause(runtime, backoff(runtime, failures, INITIAL_BACKOFF_MS, duration / 3), stop.signal);
      }
    }
  }

  return {
    start() {
      running ??= run();
    },
    async stop() {
      stop.abort();
      await running;
    },
  };
}
