import type { Tracer } from '@opentelemetry/api';
import { backoff, pause, type Runtime, type Timer } from '@weave-nn/config';
import { type Database, membersOf, oneOfList } from '@weave-nn/database';
import { type LockedWork, withAdvisoryLock } from './advisory-lock.ts';
import type { Publisher } from './bus.ts';
import { pruneMessages } from './prune.ts';
import type { Report } from './report.ts';
import { tracePublishing } from './spans.ts';
import { yieldToEventLoop } from './yield-to-event-loop.ts';

const BATCH = 1_000;
const INITIAL_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 10_000;
/** While another relay is at it, it may have looked before what is waited for was committed. */
const INITIAL_TURN_BACKOFF_MS = 20;
const MAX_TURN_BACKOFF_MS = 500;
/** Also without a wake-up: another replica may have died with something in the outbox. */
const POLL_INTERVAL_MS = 10_000;
const PRUNE_INTERVAL_MS = 10 * 60_000;

interface OutboxRow {
  position: number;
  event_id: string;
  type: string;
  body: string;
}

/** Somebody who waits until everything up to a position is with the broker. */
interface Flush {
  position: number;
  resolve: () => void;
}

/** Moves events from an outbox to the broker. */
export interface Relay {
  /** Says that something was committed to the outbox. */
  wake(): void;
  /** Resolves once everything committed before the call is with the broker, or the relay has stopped. */
  flush(): Promise<void>;
  /** Finishes the batch in hand; what is left stays for the next start. */
  stop(): Promise<void>;
}

/**
 * Publishes what is in the outbox, in the order in which it was written, and marks it when the broker has confirmed it.
 * An event may be published twice after a crash, never not at all; consumers drop the second. Of several relays on one
 * outbox one at a time does so; the others find what it leaves.
 *
 * @param options.retention milliseconds for which sent rows, and the inbox's, are kept
 */
export function startRelay(options: {
  database: Database;
  publisher: Publisher;
  runtime: Runtime;
  report: Report;
  retention: number;
  /** Absent where no spans are recorded. */
  tracer?: Tracer | undefined;
}): Relay {
  const { database, publisher, runtime, report, tracer } = options;
  const stop = new AbortController();
  const mark = `UPDATE outbox SET sent_at = ? WHERE position ${oneOfList(database.provider, 'BIGINT')}`;
  let wanted = true;
  let turnsAwaited = 0;
  let resume: (() => void) | undefined;
  let timer: Timer | undefined;
  let pruneAt = runtime.monotonic() + POLL_INTERVAL_MS;
  let flushes: Flush[] = [];

  function reached(flush: Flush) {
    flush.resolve();
    flushes = flushes.filter((each) => each !== flush);
  }

  /** Publishes the oldest events that are not with the broker yet; answers how many. */
  async function relayBatch({ read, write }: LockedWork): Promise<number> {
    const asked = flushes;
    const rows = await read.all<OutboxRow>(
      'SELECT position, event_id, type, body FROM outbox WHERE sent_at IS NULL ORDER BY position LIMIT ?',
      BATCH,
    );
    const first = rows[0]?.position ?? Number.POSITIVE_INFINITY;
    for (const flush of asked) if (flush.position < first) reached(flush);
    if (rows.length === 0) return 0;
    const messages = rows.map((row) => ({ id: row.event_id, key: row.type, body: row.body, headers: {} }));
    await tracePublishing(tracer, rows, () => publisher.publish('events', messages));
    const positions = membersOf(rows.map(({ position }) => position));
    // Undone by a loss of power, it has them published once more.
    await write((sql) => sql.run(mark, runtime.now(), positions), { mayBeUndone: true });
    return rows.length;
  }

  async function isDrained(): Promise<boolean> {
    return (await database.read.get('SELECT position FROM outbox WHERE sent_at IS NULL LIMIT 1')) === undefined;
  }

  /** Waits while another relay works, unless it has left nothing to wait for. */
  async function awaitTurn(): Promise<void> {
    if (flushes.length === 0 && (await isDrained())) {
      turnsAwaited = 0;
      return;
    }
    wanted = true;
    turnsAwaited++;
    await pause(runtime, backoff(runtime, turnsAwaited, INITIAL_TURN_BACKOFF_MS, MAX_TURN_BACKOFF_MS), stop.signal);
  }

  async function relay(): Promise<void> {
    const published = await withAdvisoryLock(database, 'outbox', relayBatch);
    if (published === undefined) return awaitTurn();
    turnsAwaited = 0;
    if (published === BATCH || flushes.length > 0) wanted = true;
    if (published > 0) await yieldToEventLoop();
  }

  async function prune() {
    if (runtime.monotonic() < pruneAt) return;
    pruneAt = runtime.monotonic() + PRUNE_INTERVAL_MS;
    try {
      await pruneMessages(database, runtime.now() - options.retention, stop.signal);
    } catch (error) {
      report('outbox: deleting what is past its time failed', error);
    }
  }

  async function idle() {
    await new Promise<void>((resolve) => {
      resume = resolve;
      timer = runtime.after(POLL_INTERVAL_MS, wake);
    });
    timer?.cancel();
  }

  async function work() {
    let failures = 0;
    while (!stop.signal.aborted) {
      if (!wanted) {
        await idle();
        continue;
      }
      wanted = false;
      try {
        await relay();
        failures = 0;
        await prune();
      } catch (error) {
        wanted = true;
        failures++;
        report('outbox: its events wait, since publishing failed', error);
        await pause(runtime, backoff(runtime, failures, INITIAL_BACKOFF_MS, MAX_BACKOFF_MS), stop.signal);
      }
    }
    for (const flush of flushes) reached(flush);
  }

  function wake() {
    wanted = true;
    resume?.();
    resume = undefined;
  }
  const working = work();

  return {
    wake,
    async flush() {
      const row = await database.read.get<{ position: number | null }>(
        'SELECT max(position) AS position FROM outbox WHERE sent_at IS NULL',
      );
      const position = row?.position ?? null;
      if (position === null || stop.signal.aborted) return;
      await new Promise<void>((resolve) => {
        flushes = [...flushes, { position, resolve }];
        wake();
      });
    },
    async stop() {
      stop.abort();
      wake();
      await working;
    },
  };
}
