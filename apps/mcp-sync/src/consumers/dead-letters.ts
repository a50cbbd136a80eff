import type { Runtime } from '@weave-nn/config';
import type { EventBus, Subscription } from '@weave-nn/events';
import { readNews } from '../domain/dead-letter.ts';
import type { DeadLetterStore } from '../store/dead-letters.ts';

const BATCH = 50;

/** Takes the dead letters of all consumers into a table. They are kept as they came, since they may not be events at all. */
export function takeDeadLetters(options: {
  bus: EventBus;
  store: DeadLetterStore;
  runtime: Runtime;
}): Promise<Subscription> {
  const { bus, store, runtime } = options;
  return bus.subscribe(
    'dlq',
    (deliveries) => {
      const now = new Date(runtime.now()).toISOString();
      return store.add(deliveries.map(({ message }) => readNews(message, now)));
    },
    { batch: BATCH },
  );
}
