import type { Runtime } from '@weave-nn/config';
import type { ChannelModel, SocketOptions } from 'amqplib';
import type { Report } from '../report.ts';
import type { Address } from './address.ts';
import { isDoneWithin } from './deadline.ts';

const CONNECT_WITHIN = 10_000;
const CLOSE_WITHIN = 5_000;
const KEEP_ALIVE_AFTER = 30_000;

/** One connection, until it is over. */
export interface Connection {
  model: ChannelModel;
  /** Whether RabbitMQ takes no messages from it, because memory or disk run out. */
  isBlocked(): boolean;
  /** Resolves when it is over, to what ended it. */
  ended: Promise<unknown>;
  /** Says goodbye, and waits a bounded time for the answer. */
  close(): Promise<void>;
}

/** What is needed for a connection. */
export interface Connecting {
  amqp: typeof import('amqplib');
  address: Address;
  /** What the connection is for, as RabbitMQ's own tools show it. */
  purpose: string;
  runtime: Runtime;
  report: Report;
}

/** Connects to RabbitMQ once; `signal` ends the attempt. */
export async function connect(connecting: Connecting, signal: AbortSignal): Promise<Connection> {
  const { amqp, address, purpose, runtime, report } = connecting;
  const socket = new AbortController();
  const abort = () => socket.abort();
  const options: SocketOptions & { signal: AbortSignal } = {
    signal: socket.signal,
    noDelay: true,
    keepAlive: true,
    keepAliveDelay: KEEP_ALIVE_AFTER,
    timeout: CONNECT_WITHIN,
    clientProperties: { connection_name: `weave-nn ${purpose}` },
  };
  signal.addEventListener('abort', abort);
  let model: ChannelModel;
  try {
    model = await amqp.connect(address.options, options);
  } finally {
    signal.removeEventListener('abort', abort);
  }

  let isBlocked = false;
  let isOver = false;
  let reason: unknown;
  const ended = new Promise<unknown>((resolve) => {
    model.on('error', (error) => {
      reason = error;
    });
    model.once('close', (error) => {
      isOver = true;
      // A socket whose other side is gone would wait for its last bytes to be taken, for minutes.
      runtime.after(CLOSE_WITHIN, abort);
      resolve(reason ?? error);
    });
  });
  model.on('blocked', (why) => {
    isBlocked = true;
    report(`RabbitMQ at ${address.label} accepts no messages at the moment; they wait`, new Error(why));
  });
  model.on('unblocked', () => {
    isBlocked = false;
  });

  async function sayGoodbye() {
    try {
      if (!(await isDoneWithin(runtime, CLOSE_WITHIN, model.close()))) throw new Error('no answer');
    } catch (error) {
      if (!isOver) report(`RabbitMQ at ${address.label} did not answer a goodbye`, error);
    }
  }

  let closing: Promise<void> | undefined;
  async function close() {
    if (isOver) return;
    await sayGoodbye();
    abort();
    await ended;
  }

  return {
    model,
    isBlocked: () => isBlocked,
    ended,
    close() {
      closing ??= close();
      return closing;
    },
  };
}
