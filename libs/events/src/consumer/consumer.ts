import { backoff, pause, type Runtime, type Timer } from '@weave-nn/config';
import type { Database } from '@weave-nn/database';
import type { Delivery, EventBus, Message, Subscription } from '../bus.ts';
import { EventError } from '../errors.ts';
import { parseEvent, type WeaveEvent } from '../event.ts';
import type { Report } from '../report.ts';
import { type Attempt, createAttempts, MOST_TRIES, REPLAY_HEADER } from './attempts.ts';
import type { EventHandler, Handler } from './handler.ts';
import { newestOnly } from './newest-only.ts';
import { onceOnly } from './once-only.ts';

const BATCH = 200;
const RETRY_BATCH = 50;
const FIRST_WAIT = 200;
const LONGEST_WAIT = 10_000;

export interface ConsumerOptions<Prepared> {
  /** The consumer's name; its inbox, attempts and sequences are kept under it. */
  name: string;
  queue: string;
  bus: EventBus;
  database: Database;
  runtime: Runtime;
  report: Report;
  handler: EventHandler<Prepared>;
  /** `newest`: an event older than what was seen of its subject changes nothing. `every`: all events count. */
  order: 'newest' | 'every';
  /** Called after a batch took effect. */
  onApplied?: (events: readonly WeaveEvent[]) => void;
}

export interface Consumer {
  /** Stops taking events; resolves when what was begun is finished. */
  stop(): Promise<void>;
}

interface Received {
  message: Message;
  event: WeaveEvent;
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

function isAway(error: unknown): boolean {
  return error instanceof EventError && error.code === 'dependency-unavailable';
}

/**
 * Consumes a queue: events are applied in batches, one transaction each, and singly after a failure. One that fails
 * is parked and tried again later, five times in all, then goes to the dead letters; the others go on.
 */
export async function startConsumer<Prepared>(options: ConsumerOptions<Prepared>): Promise<Consumer> {
  const { name, queue, bus, database, runtime, report } = options;
  const attempts = createAttempts(name, database, runtime);
  const stop = new AbortController();
  let retryTimer: Timer | undefined;
  let retrying: Promise<void> = Promise.resolve();

  /** Applies events in one transaction; while something they need is away, waits with them in hand. */
  async function apply(received: readonly Received[]): Promise<void> {
    for (let failures = 1; ; failures++) {
      try {
        const events = received.map(({ event }) => event);
        const prepared = await options.handler.prepare(events);
        const effect: Handler = (sql, fresh) => options.handler.apply(sql, fresh, prepared);
        const ordered = options.order === 'newest' ? newestOnly(name, effect) : effect;
        await database.transaction((sql) => onceOnly(name, runtime, ordered)(sql, events));
        options.onApplied?.(events);
        return;
      } catch (error) {
        if (!isAway(error) || stop.signal.aborted) throw error;
        report(`${name}: ${received.length} events wait`, error);
        await pause(runtime, backoff(runtime, failures, FIRST_WAIT, LONGEST_WAIT), stop.signal);
      }
    }
  }

  /** Hands a message to the dead letters and only then forgets it. */
  async function bury(message: Message, error: string, tries: number) {
    const attempt = await attempts.find(message);
    const headers = {
      ...message.headers,
      'x-queue': queue,
      'x-consumer': name,
      'x-error': error,
      'x-attempts': String(tries),
      'x-first-at': new Date(attempt?.first_at ?? runtime.now()).toISOString(),
      'x-died-at': new Date(runtime.now()).toISOString(),
    };
    await bus.publish('dead', [{ ...message, headers }]);
    await database.transaction((sql) => attempts.forget(sql, message));
    report(`${name}: event ${message.id} (${message.key}) is now a dead letter after ${tries} tries`, error);
  }

  async function failed(message: Message, error: unknown, tries: number) {
    if (stop.signal.aborted && isAway(error)) throw error;
    if (tries >= MOST_TRIES) return bury(message, describe(error), tries);
    await attempts.park(message, describe(error), tries);
    report(`${name}: event ${message.id} (${message.key}) failed, try ${tries} of ${MOST_TRIES}`, error);
    scheduleRetry();
  }

  async function applyOne(message: Message, tries: number) {
    let event: WeaveEvent;
    try {
      event = parseEvent(message.body);
    } catch (error) {
      return bury(message, describe(error), tries);
    }
    try {
      await apply([{ message, event }]);
    } catch (error) {
      return failed(message, error, tries);
    }
    if (tries > 1) await database.transaction((sql) => attempts.forget(sql, message));
  }

  async function applyRedelivered(message: Message) {
    const tries = await attempts.beginRedelivered(message);
    if (tries > MOST_TRIES) {
      const attempt = await attempts.find(message);
      return bury(message, attempt?.error || 'each try ended the process or lost its connection', tries - 1);
    }
    await applyOne(message, tries);
  }

  async function receive(deliveries: readonly Delivery[]) {
    const fresh: Received[] = [];
    const single: Delivery[] = [];
    for (const delivery of deliveries) {
      if (delivery.redelivered) {
        single.push(delivery);
        continue;
      }
      try {
        fresh.push({ message: delivery.message, event: parseEvent(delivery.message.body) });
      } catch (error) {
        await bury(delivery.message, describe(error), 1);
      }
    }
    for (const { message } of single) await applyRedelivered(message);
    if (fresh.length === 0) return;
    try {
      await apply(fresh);
    } catch (error) {
      if (isAway(error)) throw error;
      for (const { message } of fresh) await applyOne(message, 1);
    }
  }

  async function retry({ event_id, replay, type, body }: Attempt) {
    const headers = replay ? { [REPLAY_HEADER]: replay } : {};
    const message = { id: event_id, key: type, body, headers };
    const tries = await attempts.beginParked(message);
    if (tries > MOST_TRIES) return bury(message, 'each try ended the process', tries - 1);
    await applyOne(message, tries);
  }

  async function retryDue() {
    const { attempts: due, nextAt } = await attempts.due(RETRY_BATCH);
    for (const attempt of due) {
      if (stop.signal.aborted) return;
      await retry(attempt);
    }
    if (due.length > 0) return retryDue();
    if (nextAt !== null) scheduleRetry(nextAt - runtime.now());
  }

  function scheduleRetry(wait = 0) {
    if (stop.signal.aborted) return;
    retryTimer?.cancel();
    retryTimer = runtime.after(Math.max(wait, 10), () => {
      retrying = retrying.then(retryDue).catch((error) => {
        report(`${name}: looking for events to try again failed`, error);
        scheduleRetry(LONGEST_WAIT);
      });
    });
  }

  const subscription: Subscription = await bus.subscribe(queue, receive, { batch: BATCH });
  scheduleRetry();

  return {
    async stop() {
      stop.abort();
      retryTimer?.cancel();
      await subscription.cancel();
      await retrying;
    },
  };
}
