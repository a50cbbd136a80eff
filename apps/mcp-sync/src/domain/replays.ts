import { startWorker, type Worker, type WorkerContext } from '@weave-nn/background';
import { EventError, type EventErrorCode, type Publisher, REPLAY_HEADER } from '@weave-nn/events';
import { ReadSideError } from '../errors.ts';
import type { DeadLetterFilter, DeadLetterStore, SentReplay } from '../store/dead-letters.ts';
import type { DeadLetter } from './dead-letter.ts';

/** A hundred letters a second, so that what failed under load is not put under load again. */
const BATCH = 10;
const BATCH_INTERVAL_MS = 100;
/** Also without a wake-up: another process may have begun replays and died. */
const POLL_INTERVAL_MS = 10_000;
const PRUNE_INTERVAL_MS = 10 * 60_000;
const KEEP_SETTLED = 7 * 24 * 3_600_000;
/** A replay of which nothing was heard for so long may be repeated: its queue may have been emptied. */
const REPLAY_LOST_AFTER = 3_600_000;

/** Errors that the same message would meet again. */
const refusals: readonly EventErrorCode[] = ['queue-unknown', 'event-invalid'];

/** What sends dead letters to their queues again. */
export interface Replays {
  /** @throws ReadSideError `letter-not-found` */
  find(id: string): Promise<DeadLetter>;
  /**
   * Begins a replay of one letter; answers the letter as it is then.
   *
   * @throws ReadSideError `letter-not-found`, `replay-running`, `letter-settled`, `letter-without-queue`
   */
  begin(id: string): Promise<DeadLetter>;
  /** Begins a replay of each dead letter that fits; answers how many. */
  beginAll(filter: DeadLetterFilter, limit: number): Promise<number>;
  /**
   * Deletes a letter.
   *
   * @throws ReadSideError `letter-not-found`, `replay-running`
   */
  discard(id: string): Promise<void>;
  /** Begins to send what replays there are, and go on until `stop`. */
  start(): void;
  stop(): Promise<void>;
}

function messageOf({ eventId, type, body, replay }: DeadLetter) {
  return { id: eventId, key: type, body, headers: { [REPLAY_HEADER]: replay ?? '' } };
}

/** Makes what replays dead letters. A replay is written down when it is asked for, and sent in its turn. */
export function createReplays(options: { store: DeadLetterStore; bus: Publisher; workers: WorkerContext }): Replays {
  const { store, bus, workers } = options;
  const { runtime } = workers;
  let worker: Worker | undefined;
  let sendAt = 0;
  let pruneAt = runtime.monotonic() + POLL_INTERVAL_MS;
  const at = (milliseconds: number) => new Date(milliseconds).toISOString();
  const idleSince = () => at(runtime.now() - REPLAY_LOST_AFTER);

  /** Sends letters in their order, as far as the broker takes them. */
  async function send(letters: readonly DeadLetter[]): Promise<{ sent: SentReplay[]; failure?: unknown }> {
    const sent: SentReplay[] = [];
    for (const letter of letters) {
      try {
        await bus.send(letter.queue, [messageOf(letter)]);
        sent.push({ letter });
      } catch (error) {
        if (!(error instanceof EventError) || !refusals.includes(error.code)) return { sent, failure: error };
        sent.push({ letter, refusal: error });
      }
    }
    return { sent };
  }

  /** Sends some; answers how long to wait before there is more to do. */
  async function sendSome(): Promise<number> {
    // Also one that was woken meanwhile sends no faster.
    const early = sendAt - runtime.monotonic();
    if (early > 0) return early;
    let failure: unknown;
    const count = await store.sendReplays(BATCH, at(runtime.now()), async (letters) => {
      const result = await send(letters);
      failure = result.failure;
      return result.sent;
    });
    if (failure !== undefined) throw failure;
    if (count === 0) return POLL_INTERVAL_MS;
    sendAt = runtime.monotonic() + BATCH_INTERVAL_MS;
    return BATCH_INTERVAL_MS;
  }

  async function prune() {
    if (runtime.monotonic() < pruneAt) return;
    pruneAt = runtime.monotonic() + PRUNE_INTERVAL_MS;
    await store.prune(at(runtime.now() - KEEP_SETTLED));
  }

  async function known(id: string): Promise<DeadLetter> {
    const letter = await store.find(id);
    if (letter) return letter;
    throw new ReadSideError('letter-not-found', `there is no dead letter ${id.slice(0, 100)}`);
  }

  function refuseRunning({ id, stateAt }: DeadLetter): never {
    throw new ReadSideError(
      'replay-running',
      `a replay of ${id} is under way since ${stateAt}; it ends as replayed, superseded or dead`,
    );
  }

  return {
    find: known,
    async begin(id) {
      const hasBegun = await store.beginReplay(id, runtime.uuid(), at(runtime.now()), idleSince());
      if (hasBegun) worker?.wake();
      const letter = await known(id);
      if (hasBegun) return letter;
      if (letter.queue === '') {
        throw new ReadSideError('letter-without-queue', `the queue on which ${id} failed is not known; discard it`);
      }
      if (letter.state === 'replaying') refuseRunning(letter);
      throw new ReadSideError('letter-settled', `${id} is ${letter.state} already; there is nothing left to apply`);
    },
    async beginAll(filter, limit) {
      const count = await store.beginReplays(filter, limit, runtime.uuid(), at(runtime.now()));
      worker?.wake();
      return count;
    },
    async discard(id) {
      if (await store.discard(id, idleSince())) return;
      refuseRunning(await known(id));
    },
    start() {
      worker ??= startWorker({
        ...workers,
        name: 'dead-letter-replays',
        intervalMs: POLL_INTERVAL_MS,
        async run() {
          const wait = await sendSome();
          await prune();
          return wait;
        },
      });
    },
    async stop() {
      await worker?.stop();
    },
  };
}
