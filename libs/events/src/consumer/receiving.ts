import type { Delivery, Message } from '../bus.ts';
import { type AnyEvent, parseEvent } from '../event.ts';
import { type Attempts, MAX_ATTEMPTS } from './attempts.ts';
import { isAway } from './away.ts';
import { describeError } from './dead-letters.ts';
import { isReplay } from './replay.ts';

/** A delivery that could be read. */
export interface Received extends Delivery {
  event: AnyEvent;
}

/** What is done with what a queue hands out. */
export interface ReceivingOptions {
  attempts: Attempts;
  retryWhileUnavailable<Result>(count: number, work: () => Promise<Result>): Promise<Result>;
  /** How many bytes applying an event needs in memory, about. */
  bytesOf(event: AnyEvent): number;
  /** Applies events in one transaction. */
  apply(events: readonly AnyEvent[]): Promise<void>;
  /** Applies one event, which may be a replay. */
  applyAlone(received: Received): Promise<void>;
  /** Which of these events took effect before. */
  findKnown(ids: readonly string[]): Promise<ReadonlySet<string>>;
  /** Says that events took effect. */
  tell(events: readonly AnyEvent[]): Promise<void>;
  /** Keeps the error of a try that had this number, if its beginning was counted. */
  failed(message: Message, error: unknown, begun: number | undefined): Promise<void>;
  deadLetter(message: Message, error: string, begun: number): Promise<void>;
}

/** `new`: for the first time. `again`: for the second, after a first try nobody has counted. `alone`: whatever else. */
type Way = 'new' | 'again' | 'alone';

const eventsOf = (received: readonly Received[]) => received.map(({ event }) => event);
const messagesOf = (received: readonly Received[]) => received.map(({ message }) => message);

/** Bytes that a run is to need at most; an event that needs more is a run of its own. */
const MAX_BYTES = 32 * 1024 * 1024;

interface Run {
  way: Way;
  run: Received[];
  bytes: number;
}

/** Cuts a list into runs that go the same way, in their order; each that goes alone is a run of its own. */
function toRuns(
  received: readonly Received[],
  wayOf: (each: Received) => Way,
  bytesOf: (event: AnyEvent) => number,
): Run[] {
  const runs: Run[] = [];
  for (const each of received) {
    const way = wayOf(each);
    const bytes = bytesOf(each.event);
    const last = runs.at(-1);
    if (way !== 'alone' && last?.way === way && last.bytes + bytes <= MAX_BYTES) {
      last.run.push(each);
      last.bytes += bytes;
    } else {
      runs.push({ way, run: [each], bytes });
    }
  }
  return runs;
}

/**
 * Makes what handles a batch of a queue. What comes for the first time, and what comes again for the first time, is
 * applied together: a lost connection brings back hundreds. What was counted before, and all of a batch that failed,
 * is applied one by one, so that what fails or kills the process is told from what was only beside it.
 */
export function createReceiving(options: ReceivingOptions): (deliveries: readonly Delivery[]) => Promise<void> {
  const { attempts, retryWhileUnavailable, apply, applyAlone, findKnown, tell, failed, deadLetter } = options;

  /** Counts the beginning of tries, does the work, and forgets them; takes the count back before anybody waits. */
  async function counted(
    messages: readonly Message[],
    { begin, undo }: { begin(): Promise<number>; undo(): Promise<void> },
    work: () => Promise<void>,
  ): Promise<{ tries: number; error?: unknown }> {
    let tries = 0;
    try {
      await retryWhileUnavailable(messages.length, async () => {
        tries = await begin();
        if (tries > MAX_ATTEMPTS) return;
        try {
          await work();
        } catch (error) {
          if (isAway(error)) await retryWhileUnavailable(messages.length, undo);
          throw error;
        }
      });
    } catch (error) {
      return { tries, error };
    }
    if (tries <= MAX_ATTEMPTS) await retryWhileUnavailable(messages.length, () => attempts.forget(messages));
    return { tries };
  }

  async function handleAlone(received: Received): Promise<void> {
    const { message, redelivered } = received;
    if (!redelivered) {
      try {
        return await retryWhileUnavailable(1, () => applyAlone(received));
      } catch (error) {
        if (isAway(error)) throw error;
        return failed(message, error, undefined);
      }
    }
    const count = {
      begin: () => attempts.beginRedelivered(message),
      undo: () => attempts.discount(message, null),
    };
    const { tries, error } = await counted([message], count, () => applyAlone(received));
    if (tries > MAX_ATTEMPTS) return deadLetter(message, '', tries);
    if (isAway(error)) throw error;
    if (error !== undefined) return failed(message, error, tries || undefined);
  }

  async function handleNew(received: readonly Received[]): Promise<void> {
    try {
      return await retryWhileUnavailable(received.length, () => apply(eventsOf(received)));
    } catch (error) {
      if (isAway(error)) throw error;
      const [first] = received;
      if (received.length === 1 && first) return failed(first.message, error, undefined);
    }
    for (const each of received) await handleAlone(each);
  }

  async function handleAgain(received: readonly Received[]): Promise<void> {
    const messages = messagesOf(received);
    const count = { begin: () => attempts.beginAgain(messages), undo: () => attempts.forget(messages) };
    const { error } = await counted(messages, count, () => apply(eventsOf(received)));
    if (error === undefined) return;
    if (isAway(error)) throw error;
    for (const each of received) await handleAlone(each);
  }

  /**
   * Leaves out what took effect before and could not be settled: handled again, with all that it needs read once more,
   * it would take as long as the first time; where that was too long for the broker, for ever.
   */
  async function withoutKnown(received: readonly Received[]): Promise<readonly Received[]> {
    const again = received.filter(({ message, redelivered }) => redelivered && !isReplay(message));
    if (again.length === 0) return received;
    const ids = await retryWhileUnavailable(again.length, () => findKnown(again.map(({ event }) => event.id)));
    const known = new Set(again.filter(({ event }) => ids.has(event.id)));
    if (known.size === 0) return received;
    await retryWhileUnavailable(known.size, () => attempts.forget(messagesOf([...known])));
    await tell(eventsOf([...known]));
    return received.filter((each) => !known.has(each));
  }

  async function read(deliveries: readonly Delivery[]): Promise<Received[]> {
    const received: Received[] = [];
    for (const delivery of deliveries) {
      try {
        received.push({ ...delivery, event: parseEvent(delivery.message.body) });
      } catch (error) {
        await deadLetter(delivery.message, describeError(error), 1);
      }
    }
    return received;
  }

  return async (deliveries) => {
    const received = await withoutKnown(await read(deliveries));
    const again = received.filter(({ redelivered }) => redelivered);
    const counts = await retryWhileUnavailable(again.length, () => attempts.findCounted(messagesOf(again)));
    const wayOf = ({ message, redelivered }: Received): Way => {
      if (isReplay(message) || counts.has(message.id)) return 'alone';
      return redelivered ? 'again' : 'new';
    };
    for (const { way, run } of toRuns(received, wayOf, options.bytesOf)) {
      const [first] = run;
      if (way === 'new') await handleNew(run);
      else if (way === 'again') await handleAgain(run);
      else if (first) await handleAlone(first);
    }
  };
}
