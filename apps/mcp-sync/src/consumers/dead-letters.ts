import type { EventBus, Subscription } from '@weave-nn/events';
import type { DeadLetterStore } from '../store/dead-letters.ts';

const BATCH = 50;

/** Takes the dead letters of all consumers into a table. They are kept as they came, since they may not be events at all. */
export function takeDeadLetters(bus: EventBus, store: DeadLetterStore): Promise<Subscription> {
  return bus.subscribe('dlq', (deliveries) => store.add(deliveries.map(({ message }) => message)), { batch: BATCH });
}
