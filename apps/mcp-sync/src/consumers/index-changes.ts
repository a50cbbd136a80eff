import { pause, type Runtime, type Signal } from '@weave-nn/config';
import { type EventBus, type Message, parseEvent, type Subscription } from '@weave-nn/events';
import type { Answers } from '../domain/answers.ts';

/** Another replica may be the one that applies an event; its doing so is seen at the next look. */
const POLL_INTERVAL_MS = 50;
/** Many paths mean large work, which takes its time. */
const POLL_INTERVAL_FOR_MANY_MS = 1_000;
/** An event that is not applied by then waits for something else, and answers have ended by themselves. */
const MAX_WAIT_MS = 60_000;
/** Paths that are looked for at a time: after an import thousands wait, in the order in which they are applied. */
const MAX_AT_ONCE = 500;

export interface IndexChangesOptions {
  bus: Pick<EventBus, 'listen'>;
  answers: Pick<Answers, 'drop'>;
  /** Of these paths, with their sequences, those whose states the index has not applied yet. */
  unapplied(expected: ReadonlyMap<string, number>): Promise<ReadonlySet<string>>;
  /** Notified when this process has applied events. */
  applied: Signal;
  runtime: Runtime;
  report: (message: string, error: unknown) => void;
}

/** The paths that an event gives another state, with the sequences of those states. */
function statesOf(message: Message): [string, number][] {
  const event = parseEvent(message.body);
  const sequence = Number(event.sequence);
  switch (event.type) {
    case 'vault.file.created':
    case 'vault.file.updated':
    case 'vault.file.deleted':
      return [[event.data.path, sequence]];
    case 'vault.file.moved':
      return [
        [event.data.path, sequence],
        [event.data.from, Number(event.data.fromSequence)],
      ];
    default:
      return [];
  }
}

/**
 * Drops the answers that this process keeps once the index has applied an event, whichever replica did so: with a queue
 * of this process's own, since every replica keeps answers by itself where there is no Redis, or while it is away.
 */
export async function followIndexChanges(options: IndexChangesOptions): Promise<Subscription> {
  const { bus, answers, unapplied, applied, runtime, report } = options;
  const stop = new AbortController();
  const expected = new Map<string, { sequence: number; until: number }>();
  let working: Promise<void> | undefined;

  /** Drops answers as events are applied, until none is left. */
  async function work(): Promise<void> {
    while (expected.size > 0 && !stop.signal.aborted) {
      const woken = new AbortController();
      const next = applied.next(woken.signal);
      const first = [...expected.entries().take(MAX_AT_ONCE)];
      const open = await unapplied(new Map(first.map(([path, { sequence }]) => [path, sequence])));
      const done = first.filter(([path, { until }]) => !open.has(path) || until < runtime.monotonic());
      // A newer event of a path may have come while this one was asked for.
      for (const [path, { sequence }] of done) if (expected.get(path)?.sequence === sequence) expected.delete(path);
      if (done.length > 0) await answers.drop();
      const wait = expected.size > MAX_AT_ONCE ? POLL_INTERVAL_FOR_MANY_MS : POLL_INTERVAL_MS;
      if (expected.size > 0) await Promise.race([next, pause(runtime, wait, woken.signal)]);
      woken.abort();
    }
  }

  function follow() {
    working ??= work().then(
      () => {
        working = undefined;
        // More may have come while the last of it was being done.
        if (expected.size > 0 && !stop.signal.aborted) follow();
      },
      (error) => {
        working = undefined;
        // Answers end by themselves; what is expected is looked for again with the next event.
        report('answers could not be dropped after a change of the index', error);
      },
    );
  }

  function expect(messages: readonly Message[]) {
    const until = runtime.monotonic() + MAX_WAIT_MS;
    for (const [path, sequence] of messages.flatMap(statesOf)) {
      expected.set(path, { sequence: Math.max(sequence, expected.get(path)?.sequence ?? 0), until });
    }
    follow();
  }

  const subscription = await bus.listen({
    name: 'cache.mcp-sync',
    patterns: ['vault.file.*'],
    hear(messages) {
      try {
        expect(messages);
      } catch (error) {
        report('an event that is none was heard', error);
      }
    },
    missed() {
      answers.drop().catch((error) => report('answers could not be dropped after events were missed', error));
    },
  });
  return {
    async cancel() {
      stop.abort();
      await subscription.cancel();
      await working;
    },
  };
}
