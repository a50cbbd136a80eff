import type { Tracer } from '@opentelemetry/api';
import type { Runtime } from '@weave-nn/config';
import type { Database } from '@weave-nn/database';
import type { EventBus, Message } from '../bus.ts';
import { type AnyEvent, parseEvent } from '../event.ts';
import type { Precedence } from '../precedence.ts';
import type { Report } from '../report.ts';
import { traceConsuming } from '../spans.ts';
import { type Attempt, createAttempts, MAX_ATTEMPTS, messageOf } from './attempts.ts';
import { isAway } from './away.ts';
import { createDeadLettering, describeError } from './dead-letters.ts';
import { inOrderOnce, type Order } from './effect.ts';
import type { EventHandler, EventIdentity, Handler } from './handler.ts';
import { findApplied } from './once-only.ts';
import { createReceiving, type Received } from './receiving.ts';
import { applyReplay, isReplay, refuseOvertaken } from './replay.ts';
import { createRetries } from './retries.ts';
import { createRetryWhileUnavailable, MAX_BACKOFF_MS } from './retry-while-unavailable.ts';

const BATCH = 1_000;
/** So many events together are large work: enough to ask who goes first. */
const LARGE = 100;

export interface ConsumerOptions<Prepared> {
  /** The consumer's name; its inbox, attempts and sequences are kept under it. */
  name: string;
  queue: string;
  bus: EventBus;
  database: Database;
  runtime: Runtime;
  report: Report;
  handler: EventHandler<Prepared>;
  order: Order;
  /** Events that are applied together at most; 1,000 unless told. */
  batch?: number;
  /**
   * Called after events took effect, and before they are settled, so that it is called for each event at least once
   * whenever a process dies.
   */
  onApplied?: (events: readonly AnyEvent[]) => void | Promise<void>;
  /** Absent where no spans are recorded. */
  tracer?: Tracer | undefined;
  /** Whether large batches go before those of others in the process, or after them. */
  goesFirst?: boolean;
  precedence?: Precedence;
}

export interface Consumer {
  /** Stops taking events; resolves when what was begun is finished. */
  stop(): Promise<void>;
}

function identityOf({ id, source, subject, sequence }: AnyEvent): EventIdentity {
  return { id, source, subject, sequence };
}

/**
 * Consumes a queue: events are applied in batches, one transaction each, and singly after a failure. One that fails
 * is parked and tried again later, five times in all, then goes to the dead letters; the others go on.
 */
export async function startConsumer<Prepared>(options: ConsumerOptions<Prepared>): Promise<Consumer> {
  const { name, queue, bus, database, runtime, report, handler } = options;
  const { tracer, precedence } = options;
  const attempts = createAttempts(name, database, runtime);
  const deadLetter = createDeadLettering({ consumer: name, queue, bus, attempts, runtime, report });
  const stop = new AbortController();
  const retryWhileUnavailable = createRetryWhileUnavailable({ name, runtime, report, stop: stop.signal });
  const retries = createRetries({
    attempts,
    runtime,
    retry,
    failed: (error) => report(`${name}: looking for events to try again failed`, error),
  });

  /** Reads what the events need, then applies them in one transaction; `overtaken` hears when none is newer. */
  async function takeEffect(events: readonly AnyEvent[], overtaken: (() => void) | undefined): Promise<void> {
    const prepared = await handler.prepare(events);
    const { provider } = database;
    const receivedAt = runtime.now();
    // Whether a replay was overtaken cannot be told from another thread.
    if (handler.procedure && !overtaken) {
      await database.perform(handler.procedure, { provider, receivedAt, events: events.map(identityOf), prepared });
    } else {
      const effect: Handler = (sql, fresh) => handler.apply(sql, fresh, prepared);
      const once = inOrderOnce({ name, order: options.order, provider }, receivedAt, effect, overtaken);
      await database.transaction((sql) => once(sql, events));
    }
    await tell(events);
  }

  /** Large batches wait for their turn in the process. */
  async function inTurn(events: readonly AnyEvent[], work: () => Promise<void>): Promise<void> {
    if (!precedence || events.length < LARGE) return work();
    if (options.goesFirst) return precedence.lead(work);
    await precedence.follow(stop.signal);
    return work();
  }

  async function tell(events: readonly AnyEvent[]): Promise<void> {
    try {
      await options.onApplied?.(events);
    } catch (error) {
      report(`${name}: telling that ${events.length} events were applied failed`, error);
    }
  }

  function apply(events: readonly AnyEvent[], overtaken?: () => void): Promise<void> {
    return inTurn(events, () => traceConsuming(tracer, runtime, name, events, () => takeEffect(events, overtaken)));
  }

  function applyAlone({ message, event }: Pick<Received, 'message' | 'event'>): Promise<void> {
    if (!isReplay(message)) return apply([event]);
    return applyReplay(() => apply([event], refuseOvertaken), { message, consumer: name, queue, bus, runtime });
  }

  /** The error is kept before anything else, so that a dead letter names it whatever happens in between. */
  async function failed(message: Message, error: unknown, begun: number | undefined): Promise<void> {
    const tries = await retryWhileUnavailable(1, () => attempts.park(message, describeError(error), begun));
    if (tries >= MAX_ATTEMPTS) return deadLetter(message, describeError(error), tries);
    report(`${name}: event ${message.id} (${message.key}) failed, try ${tries} of ${MAX_ATTEMPTS}`, error);
    retries.lookIn(0);
  }

  /** A parked event has lost its place already, so that it does not keep others waiting while something is away. */
  async function retry(attempt: Attempt): Promise<void> {
    const message = messageOf(attempt);
    const tries = await attempts.beginParked(attempt);
    if (tries === undefined) return;
    if (tries > MAX_ATTEMPTS) return deadLetter(message, '', tries);
    try {
      await applyAlone({ message, event: parseEvent(message.body) });
    } catch (error) {
      if (!isAway(error)) return failed(message, error, tries);
      report(`${name}: event ${message.id} (${message.key}) waits`, error);
      return attempts.discount(message, runtime.now() + MAX_BACKOFF_MS);
    }
    await attempts.forget([message]);
  }

  const findKnown = (ids: readonly string[]) => findApplied(name, database, ids);
  const steps = { attempts, retryWhileUnavailable, apply, applyAlone, findKnown, tell, failed, deadLetter };
  const receive = createReceiving({ ...steps, bytesOf: (event) => handler.bytesOf?.(event) ?? 0 });
  const subscription = await bus.subscribe(queue, receive, { batch: options.batch ?? BATCH });
  retries.lookIn(0);

  return {
    async stop() {
      stop.abort();
      await Promise.all([subscription.cancel(), retries.stop()]);
    },
  };
}
