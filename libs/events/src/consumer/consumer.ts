import { backoff, createPropagation, pause, type Runtime, type Tracing } from '@weave-nn/config';
import type { Database } from '@weave-nn/database';
import type { Delivery, EventBus, Message } from '../bus.ts';
import { parseEvent, type WeaveEvent } from '../event.ts';
import type { Report } from '../report.ts';
import { traceConsuming } from '../trace.ts';
import { type Attempt, createAttempts, MOST_TRIES, messageOf } from './attempts.ts';
import { isAway } from './away.ts';
import { createBurial, describeError } from './burial.ts';
import type { EventHandler, Handler } from './handler.ts';
import { newestOnly } from './newest-only.ts';
import { onceOnly } from './once-only.ts';
import { applyReplay, isReplay, refuseOvertaken } from './replay.ts';
import { createRetries } from './retries.ts';

const BATCH = 500;
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
  tracing?: Tracing;
}

export interface Consumer {
  /** Stops taking events; resolves when what was begun is finished. */
  stop(): Promise<void>;
}

interface Received {
  message: Message;
  event: WeaveEvent;
}

/**
 * Consumes a queue: events are applied in batches, one transaction each, and singly after a failure. One that fails
 * is parked and tried again later, five times in all, then goes to the dead letters; the others go on.
 */
export async function startConsumer<Prepared>(options: ConsumerOptions<Prepared>): Promise<Consumer> {
  const { name, queue, bus, database, runtime, report, handler, tracing = createPropagation(runtime) } = options;
  const attempts = createAttempts(name, database, runtime);
  const bury = createBurial({ consumer: name, queue, bus, attempts, runtime, report });
  const stop = new AbortController();
  const retries = createRetries({
    attempts,
    runtime,
    retry,
    failed: (error) => report(`${name}: looking for events to try again failed`, error),
  });

  /** Reads what the events need, then applies them in one transaction; `overtaken` hears when none is newer. */
  async function takeEffect(events: readonly WeaveEvent[], overtaken: (() => void) | undefined): Promise<void> {
    const prepared = await handler.prepare(events);
    const effect: Handler = (sql, fresh) => handler.apply(sql, fresh, prepared);
    const ordered = options.order === 'newest' ? newestOnly(name, database.provider, effect, overtaken) : effect;
    const once = onceOnly(name, database.provider, runtime, ordered);
    await database.transaction((sql) => once(sql, events));
    try {
      options.onApplied?.(events);
    } catch (error) {
      report(`${name}: telling that ${events.length} events were applied failed`, error);
    }
  }

  function apply(events: readonly WeaveEvent[], overtaken?: () => void): Promise<void> {
    return traceConsuming(tracing, name, events, () => takeEffect(events, overtaken));
  }

  function applyAlone({ message, event }: Received): Promise<void> {
    if (!isReplay(message)) return apply([event]);
    return applyReplay(() => apply([event], refuseOvertaken), { message, consumer: name, queue, bus, runtime });
  }

  /** Waits because something is away, with the events in hand; throws the error again when the consumer stops. */
  async function waitFor(error: unknown, failures: number, count: number): Promise<void> {
    if (!stop.signal.aborted) {
      report(`${name}: ${count} events wait`, error);
      await pause(runtime, backoff(runtime, failures, FIRST_WAIT, LONGEST_WAIT), stop.signal);
    }
    if (stop.signal.aborted) throw error;
  }

  /** The error is kept before anything else, so that a dead letter names it whatever happens in between. */
  async function failed(message: Message, error: unknown, begun: number | undefined): Promise<void> {
    const tries = await attempts.park(message, describeError(error), begun);
    if (tries >= MOST_TRIES) return bury(message, describeError(error), tries);
    report(`${name}: event ${message.id} (${message.key}) failed, try ${tries} of ${MOST_TRIES}`, error);
    retries.lookIn(0);
  }

  async function handleAlone(received: Received, redelivered: boolean): Promise<void> {
    const { message } = received;
    for (let failures = 1; ; failures++) {
      const tries = redelivered ? await attempts.beginRedelivered(message) : undefined;
      if (tries !== undefined && tries > MOST_TRIES) return bury(message, '', tries);
      try {
        await applyAlone(received);
        break;
      } catch (error) {
        if (!isAway(error)) return failed(message, error, tries);
        if (tries !== undefined) await attempts.discount(message, null);
        await waitFor(error, failures, 1);
      }
    }
    if (redelivered) await attempts.forget(message);
  }

  async function handleTogether(received: readonly Received[]): Promise<void> {
    const [first] = received;
    for (let failures = 1; first; failures++) {
      try {
        return await apply(received.map(({ event }) => event));
      } catch (error) {
        if (isAway(error)) {
          await waitFor(error, failures, received.length);
          continue;
        }
        if (received.length === 1) return failed(first.message, error, undefined);
        break;
      }
    }
    for (const each of received) await handleAlone(each, false);
  }

  async function receive(deliveries: readonly Delivery[]): Promise<void> {
    let together: Received[] = [];
    for (const { message, redelivered } of deliveries) {
      let event: WeaveEvent;
      try {
        event = parseEvent(message.body);
      } catch (error) {
        await bury(message, describeError(error), 1);
        continue;
      }
      if (!redelivered && !isReplay(message)) {
        together.push({ message, event });
        continue;
      }
      await handleTogether(together);
      together = [];
      await handleAlone({ message, event }, redelivered);
    }
    await handleTogether(together);
  }

  /** A parked event has lost its place already, so that it does not keep others waiting while something is away. */
  async function retry(attempt: Attempt): Promise<void> {
    const message = messageOf(attempt);
    const tries = await attempts.beginParked(attempt);
    if (tries === undefined) return;
    if (tries > MOST_TRIES) return bury(message, '', tries);
    try {
      await applyAlone({ message, event: parseEvent(message.body) });
    } catch (error) {
      if (!isAway(error)) return failed(message, error, tries);
      report(`${name}: event ${message.id} (${message.key}) waits`, error);
      return attempts.discount(message, runtime.now() + LONGEST_WAIT);
    }
    await attempts.forget(message);
  }

  const subscription = await bus.subscribe(queue, receive, { batch: BATCH });
  retries.lookIn(0);

  return {
    async stop() {
      stop.abort();
      await Promise.all([subscription.cancel(), retries.stop()]);
    },
  };
}
