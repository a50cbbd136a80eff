import { backoff, pause, type Runtime } from '@weave-nn/config';
import type { Delivery, Subscription } from '../bus.ts';
import type { Report } from '../report.ts';
import { toDelivery } from './delivery.ts';
import type { Session } from './session.ts';

const INITIAL_RETURN_BACKOFF_MS = 50;
const MAX_RETURN_BACKOFF_MS = 10_000;

/** A subscription, and what it has of its queue. */
export interface AmqpSubscription extends Subscription {
  queue: string;
  /** Messages that are here and not settled; exact once `caughtUp`. */
  unsettled(): number;
  caughtUp(): Promise<void>;
}

/**
 * Hands out what a queue sends until it is cancelled, over one session after another.
 *
 * A batch that fails stays here while its subscription pauses, and is then returned together with what was sent ahead
 * of it. Returned at once it would go round everybody that fails and be at RabbitMQ's limit of deliveries so much
 * earlier; returned alone it would come again behind what was sent ahead.
 *
 * @param options.open opens another session once there is a connection; ends with an error when `signal` is aborted
 */
export function startSubscription(options: {
  queue: string;
  first: Session;
  open: (signal: AbortSignal) => Promise<Session>;
  receive: (deliveries: readonly Delivery[]) => Promise<void>;
  runtime: Runtime;
  report: Report;
}): AmqpSubscription {
  const { queue, open, receive, runtime, report } = options;
  const stop = new AbortController();
  let session = options.first;
  let isOver = false;
  let failures = 0;

  /** Takes, hands out and settles a batch; answers how many there were. */
  async function handOut(): Promise<void> {
    const taken = await session.take(stop.signal);
    if (taken.length === 0) return;
    await receive(taken.map(toDelivery));
    session.settle();
    failures = 0;
  }

  async function startAgain(): Promise<void> {
    failures++;
    await pause(runtime, backoff(runtime, failures, INITIAL_RETURN_BACKOFF_MS, MAX_RETURN_BACKOFF_MS), stop.signal);
    await session.giveBack();
    if (!stop.signal.aborted) session = await open(stop.signal);
  }

  async function work() {
    let step = handOut;
    while (!stop.signal.aborted) {
      try {
        await step();
        step = handOut;
      } catch (error) {
        if (stop.signal.aborted && step === startAgain) break;
        report(`queue ${queue}: ${session.unsettled()} messages return to it`, error);
        step = startAgain;
      }
    }
    await session.giveBack();
    isOver = true;
  }
  const working = work();

  return {
    queue,
    unsettled: () => (isOver ? 0 : session.unsettled()),
    caughtUp: () => session.caughtUp(),
    async cancel() {
      stop.abort();
      await working;
    },
  };
}
