import { fileURLToPath } from 'node:url';

/** The migrations of outbox, inbox, attempt and subject_sequence, which every service's database has. */
export const messagingMigrations = fileURLToPath(new URL('../migrations/messaging', import.meta.url));

export { type LockedWork, withAdvisoryLock } from './advisory-lock.ts';
export { type AmqpBrokerOptions, openAmqpBroker } from './amqp/broker.ts';
export type {
  Delivery,
  EventBus,
  Exchange,
  Listening,
  Message,
  Publisher,
  Queue,
  Subscriber,
  Subscription,
} from './bus.ts';
export { MAX_ATTEMPTS } from './consumer/attempts.ts';
export { type Consumer, type ConsumerOptions, startConsumer } from './consumer/consumer.ts';
export type { EventHandler, EventIdentity, Handler } from './consumer/handler.ts';
export { OUTCOME_HEADER, REPLAY_HEADER, type ReplayOutcome } from './consumer/replay.ts';
export { openEmbeddedBroker } from './embedded/broker.ts';
export { dependencyUnavailable, EventError, type EventErrorCode } from './errors.ts';
export {
  type AnyEvent,
  assertEvent,
  type EventData,
  type EventType,
  eventSchemas,
  eventTypes,
  formatSequence,
  parseEvent,
  type WeaveEvent,
} from './event.ts';
export { createOutbox, type EventDraft, type Outbox } from './outbox.ts';
export { createPrecedence, type Precedence } from './precedence.ts';
export { type Relay, startRelay } from './relay.ts';
export type { Report } from './report.ts';
export { keyMatches } from './routing-key.ts';
