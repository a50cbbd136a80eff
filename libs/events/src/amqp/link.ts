import { backoff, createSignal, pause, type Runtime } from '@weave-nn/config';
import { EventError } from '../errors.ts';
import type { Report } from '../report.ts';
import type { Connection } from './connection.ts';

const INITIAL_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 10_000;

/** A connection that is made again whenever it is lost. */
export interface Link {
  /**
   * The connection; while there is none, waits for the next.
   *
   * @param signal ends the waiting
   * @throws EventError `broker-unreachable` when the waiting ended before, `broker-closed`
   */
  connected(signal: AbortSignal): Promise<Connection>;
  /** @throws EventError `broker-unreachable` when there is no connection now */
  current(): Connection;
  /** Closes the connection and makes no other. */
  close(): Promise<void>;
}

/**
 * Connects, and again after each loss, with growing waits in between.
 *
 * @param options.label the broker, as messages name it
 * @param options.prepare done with each new connection before anybody gets it
 */
export function keepConnected(options: {
  label: string;
  open: (signal: AbortSignal) => Promise<Connection>;
  prepare: (connection: Connection) => Promise<void>;
  runtime: Runtime;
  report: Report;
}): Link {
  const { label, open, prepare, runtime, report } = options;
  const stop = new AbortController();
  const changed = createSignal();
  let connection: Connection | undefined;
  let isReady = false;
  let lost: unknown;

  function unreachable(): EventError {
    const why = lost instanceof Error ? lost.message : 'not connected yet';
    return new EventError('broker-unreachable', `RabbitMQ at ${label} does not answer (${why})`, { cause: lost });
  }

  /** Resolves when the connection is over, or could not be made. */
  async function holdConnection(onReady: () => void): Promise<void> {
    try {
      connection = await open(stop.signal);
      if (!stop.signal.aborted) {
        await prepare(connection);
        isReady = true;
        onReady();
        changed.notify();
        lost = await connection.ended;
      }
    } catch (error) {
      lost = error;
    }
    isReady = false;
    await connection?.close();
    connection = undefined;
  }

  async function work() {
    let failures = 0;
    while (!stop.signal.aborted) {
      await holdConnection(() => {
        if (failures > 0) report(`RabbitMQ at ${label} is connected again`, undefined);
        failures = 0;
      });
      if (stop.signal.aborted) break;
      failures++;
      report(`RabbitMQ at ${label} is away`, lost);
      await pause(runtime, backoff(runtime, failures, INITIAL_BACKOFF_MS, MAX_BACKOFF_MS), stop.signal);
    }
  }
  const working = work();

  return {
    async connected(signal) {
      while (!connection || !isReady) {
        if (stop.signal.aborted) throw new EventError('broker-closed', 'the connection to RabbitMQ is closed');
        if (signal.aborted) throw unreachable();
        await changed.next(signal);
      }
      return connection;
    },
    current() {
      if (!connection || !isReady) throw unreachable();
      return connection;
    },
    async close() {
      stop.abort();
      changed.notify();
      await connection?.close();
      await working;
    },
  };
}
