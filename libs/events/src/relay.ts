import { backoff, pause, type Runtime } from '@weave-nn/config';
import type { Database } from '@weave-nn/database';
import type { Publisher } from './bus.ts';
import type { Report } from './report.ts';

const BATCH = 500;
const FIRST_WAIT = 100;
const LONGEST_WAIT = 10_000;
const PRUNE_EVERY = 10 * 60_000;

interface OutboxRow {
  position: number;
  event_id: string;
  type: string;
  body: string;
}

/** Moves events from an outbox to the broker. */
export interface Relay {
  /** Says that something was committed to the outbox. */
  wake(): void;
  /** Resolves once everything committed before the call is with the broker. */
  flush(): Promise<void>;
  /** Finishes the batch in hand; what is left stays for the next start. */
  stop(): Promise<void>;
}

/**
 * Publishes what is in the outbox, in the order in which it was written, and marks it when the broker has confirmed it.
 * An event may be published twice after a crash, never not at all; consumers drop the second.
 *
 * @param options.retention milliseconds for which sent rows, and the inbox's, are kept
 */
export function startRelay(options: {
  database: Database;
  publisher: Publisher;
  runtime: Runtime;
  report: Report;
  retention: number;
}): Relay {
  const { database, publisher, runtime, report } = options;
  const stop = new AbortController();
  let wanted = true;
  let resume: (() => void) | undefined;
  let prunedAt = runtime.monotonic();
  let idle: (() => void)[] = [];

  async function relayBatch(): Promise<boolean> {
    const rows = await database.read.all<OutboxRow>(
      'SELECT position, event_id, type, body FROM outbox WHERE sent_at IS NULL ORDER BY position LIMIT ?',
      BATCH,
    );
    if (rows.length === 0) return false;
    await publisher.publish(
      'events',
      rows.map((row) => ({ id: row.event_id, key: row.type, body: row.body, headers: {} })),
    );
    const positions = rows.map((row) => row.position);
    const places = positions.map(() => '?').join(', ');
    await database.transaction((sql) =>
      sql.run(`UPDATE outbox SET sent_at = ? WHERE position IN (${places})`, runtime.now(), ...positions),
    );
    return rows.length === BATCH;
  }

  async function prune() {
    if (runtime.monotonic() - prunedAt < PRUNE_EVERY) return;
    prunedAt = runtime.monotonic();
    const before = runtime.now() - options.retention;
    await database.transaction(async (sql) => {
      await sql.run('DELETE FROM outbox WHERE sent_at IS NOT NULL AND sent_at < ?', before);
      await sql.run('DELETE FROM inbox WHERE received_at < ?', before);
    });
  }

  async function work() {
    let failures = 0;
    while (!stop.signal.aborted) {
      if (!wanted) {
        for (const done of idle.splice(0)) done();
        await new Promise<void>((resolve) => {
          resume = resolve;
        });
        continue;
      }
      wanted = false;
      try {
        if (await relayBatch()) wanted = true;
        failures = 0;
        await prune();
      } catch (error) {
        wanted = true;
        failures++;
        report('outbox: its events wait, since publishing failed', error);
        await pause(runtime, backoff(runtime, failures, FIRST_WAIT, LONGEST_WAIT), stop.signal);
      }
    }
    for (const done of idle.splice(0)) done();
  }

  function wake() {
    wanted = true;
    resume?.();
    resume = undefined;
  }
  const working = work();

  return {
    wake,
    flush() {
      return new Promise((resolve) => {
        if (stop.signal.aborted) return resolve();
        idle = [...idle, resolve];
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
