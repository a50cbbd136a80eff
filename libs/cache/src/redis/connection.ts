import type { Runtime } from '@weave-nn/config';
import type { Redis } from 'ioredis';
import { CacheError } from '../errors.ts';
import type { Address } from './address.ts';
import { answerWithin } from './deadline.ts';

const CONNECT_WITHIN = 1_000;

/** One connection, until it is over. */
export interface Connection {
  redis: Redis;
  /** Resolves when it is over, to what ended it. */
  ended: Promise<unknown>;
  /** Ends it at once; what was asked and not answered fails. */
  end(reason: unknown): void;
}

/** ioredis's client. */
export type Client = typeof Redis;

/**
 * Connects once, and never again by itself: what has to happen before a connection is used is the caller's.
 *
 * @param signal ends the attempt and the connection
 */
export async function connect(
  Client: Client,
  { options }: Address,
  runtime: Runtime,
  signal: AbortSignal,
): Promise<Connection> {
  const redis = new Client({
    ...options,
    lazyConnect: true,
    retryStrategy: null,
    enableOfflineQueue: false,
    enableReadyCheck: false,
    connectTimeout: CONNECT_WITHIN,
    disconnectTimeout: 0,
    disableClientInfo: true,
    protocol: 2,
  });
  let reason: unknown;
  redis.on('error', (error) => {
    reason ??= error;
  });
  const { promise: ended, resolve } = Promise.withResolvers<unknown>();

  function end(why: unknown) {
    reason ??= why;
    redis.disconnect();
  }
  const abort = () => end(undefined);
  signal.addEventListener('abort', abort, { once: true });
  redis.once('end', () => {
    signal.removeEventListener('abort', abort);
    resolve(reason ?? new CacheError('redis-unusable', 'the connection was closed'));
  });

  try {
    await answerWithin(runtime, CONNECT_WITHIN, redis.connect());
  } catch (error) {
    end(error);
    throw reason ?? error;
  }
  return { redis, ended, end };
}
