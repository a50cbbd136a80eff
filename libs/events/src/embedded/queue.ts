import { backoff, pause, type Runtime } from '@weave-nn/config';
import type { Delivery, Subscription } from '../bus.ts';
import type { Report } from '../report.ts';
import { yieldToEventLoop } from '../yield-to-event-loop.ts';
import type { MessageStore, Stored } from './store.ts';

const INITIAL_RETURN_BACKOFF_MS = 50;
const MAX_RETURN_BACKOFF_MS = 5_000;

type Receive = (deliveries: readonly Delivery[]) => Promise<void>;

/** One queue in this process: who takes from it, what has come back, and how far it has been handed out. */
export function createQueueState(name: string, store: MessageStore, runtime: Runtime, report: Report, depth: number) {
  let cursor = 0;
  let changes = 0;
  let waiting: (() => void)[] = [];
  let taking: Promise<unknown> = Promise.resolve();
  const returned: Stored[] = [];
  let unsettled = depth;

  function wake() {
    changes++;
    const woken = waiting;
    waiting = [];
    for (const resume of woken) resume();
  }

  function changed(since: number): Promise<void> {
    return changes > since ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve));
  }

  function giveBack(batch: readonly Stored[]) {
    if (batch.length === 0) return;
    returned.push(...batch.map((delivery) => ({ ...delivery, redelivered: true })));
    returned.sort((one, other) => one.position - other.position);
    wake();
  }

  async function take(settled: readonly Stored[], limit: number): Promise<readonly Stored[]> {
    // Taken out before the first await: meanwhile another subscription may give something back.
    const again = returned.splice(0, limit);
    if (again.length > 0 && settled.length === 0) return again;
    try {
      const fresh = await store.settleAndTake(name, settled, cursor, again.length > 0 ? 0 : limit);
      unsettled -= settled.length;
      cursor = fresh.at(-1)?.position ?? cursor;
      return again.length > 0 ? again : fresh;
    } catch (error) {
      giveBack(again);
      throw error;
    }
  }

  /** One subscription at a time takes, so that each sees how far the others have got. */
  function next(settled: readonly Stored[], limit: number): Promise<readonly Stored[]> {
    const taken = taking.then(() => take(settled, limit));
    taking = taken.catch(() => undefined);
    return taken;
  }

  async function work(receive: Receive, batch: number, signal: AbortSignal): Promise<void> {
    let settled: readonly Stored[] = [];
    let failures = 0;
    while (!signal.aborted || settled.length > 0) {
      const seen = changes;
      let taken: readonly Stored[] = [];
      try {
        taken = await next(settled, signal.aborted ? 0 : batch);
        settled = [];
        if (taken.length > 0) await receive(taken);
        settled = taken;
        failures = 0;
        if (taken.length > 0) await yieldToEventLoop();
      } catch (error) {
        const settling = settled.length;
        giveBack(taken);
        failures++;
        report(
          settling > 0
            ? `queue ${name}: ${settling} messages could not be settled`
            : `queue ${name}: ${taken.length} messages returned to it`,
          error,
        );
        if (signal.aborted) return giveBack(settled);
        await pause(runtime, backoff(runtime, failures, INITIAL_RETURN_BACKOFF_MS, MAX_RETURN_BACKOFF_MS), signal);
        continue;
      }
      if (taken.length === 0 && !signal.aborted) await changed(seen);
    }
  }

  return {
    depth: () => unsettled,
    added(count: number) {
      unsettled += count;
      wake();
    },
    subscribe(receive: Receive, batch: number): Subscription {
      const stop = new AbortController();
      const working = work(receive, batch, stop.signal);
      return {
        async cancel() {
          stop.abort();
          wake();
          await working;
        },
      };
    },
  };
}

export type QueueState = ReturnType<typeof createQueueState>;
