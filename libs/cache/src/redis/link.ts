import { backoff, pause, type Runtime } from '@weave-nn/config';
import type { Redis } from 'ioredis';
import type { CacheError } from '../errors.ts';
import type { Report } from '../report.ts';
import type { Address } from './address.ts';
import { type Client, type Connection, connect } from './connection.ts';
import { answerWithin } from './deadline.ts';
import { toCacheError } from './failure.ts';

const ANSWER_WITHIN = 250;
const PREPARE_WITHIN = 1_000;
const HEARTBEAT = 5_000;
const INITIAL_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 10_000;

/** Redis, as long as it answers. */
export interface Link {
  /**
   * Asks Redis something. An answer that fails or doesn't come within 250 ms ends the connection, so that nobody else
   * waits for it.
   *
   * @returns undefined when Redis cannot be used
   */
  ask<Answer>(work: (redis: Redis) => Promise<Answer>): Promise<Answer | undefined>;
  /** Why Redis cannot be used at this moment. */
  trouble(): CacheError | undefined;
  /** Resolves when the first attempt to reach Redis has come to something. */
  tried: Promise<void>;
  /** Ends the connection and makes no other. */
  close(): Promise<void>;
}

export interface LinkOptions {
  Client: Client;
  address: Address;
  /** Done with each new connection before it is used. */
  prepare(redis: Redis): Promise<void>;
  /** Called in the moment before a connection is used; when it says no, there is more to prepare. */
  admit(): boolean;
  runtime: Runtime;
  report: Report;
}

/** Connects, and again after each loss, with growing waits in between. */
export function keepLinked({ Client, address, prepare, admit, runtime, report }: LinkOptions): Link {
  const stop = new AbortController();
  const tried = Promise.withResolvers<void>();
  let current: Connection | undefined;
  let trouble: CacheError | undefined;

  async function ask<Answer>(work: (redis: Redis) => Promise<Answer>): Promise<Answer | undefined> {
    const connection = current;
    if (!connection) return undefined;
    try {
      return await answerWithin(runtime, ANSWER_WITHIN, work(connection.redis));
    } catch (error) {
      if (current === connection) lose(error);
      connection.end(error);
      return undefined;
    }
  }

  function lose(error: unknown) {
    current = undefined;
    if (stop.signal.aborted) return;
    const before = trouble;
    trouble = toCacheError(error, address);
    if (!before) report('Redis is away; this process caches and limits by itself until it is back', trouble);
  }

  function take(connection: Connection) {
    current = connection;
    if (trouble) report(`Redis at ${address.label} is used again`, undefined);
    trouble = undefined;
    tried.resolve();
  }

  async function open(): Promise<Connection> {
    const connection = await connect(Client, address, runtime, stop.signal);
    try {
      do await answerWithin(runtime, PREPARE_WITHIN, prepare(connection.redis));
      while (!stop.signal.aborted && !admit());
    } catch (error) {
      connection.end(error);
      throw error;
    }
    return connection;
  }

  /** Resolves when the connection is over; asks for a sign of life when nobody else does. */
  async function watch(connection: Connection): Promise<void> {
    const over = new AbortController();
    const ended = connection.ended.finally(() => over.abort());
    while (!over.signal.aborted) {
      await pause(runtime, HEARTBEAT, over.signal);
      if (!over.signal.aborted) await ask((redis) => redis.ping());
    }
    const reason = await ended;
    if (current === connection) lose(reason);
  }

  async function work() {
    let failures = 0;
    while (!stop.signal.aborted) {
      try {
        const connection = await open();
        if (stop.signal.aborted) break;
        const since = runtime.monotonic();
        take(connection);
        await watch(connection);
        // A Redis that comes and goes is not tried more often than one that stays away.
        if (runtime.monotonic() - since > MAX_BACKOFF_MS) failures = 0;
      } catch (error) {
        lose(error);
      }
      tried.resolve();
      failures++;
      await pause(runtime, backoff(runtime, failures, INITIAL_BACKOFF_MS, MAX_BACKOFF_MS), stop.signal);
    }
  }
  const working = work();

  return {
    ask,
    trouble: () => trouble,
    tried: tried.promise,
    async close() {
      current = undefined;
      stop.abort();
      await working;
    },
  };
}
