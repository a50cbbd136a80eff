import { type ConsumerDefinition, defineConsumer } from '@weave-nn/service';
import type { EventLogStore } from '../store/event-log.ts';
import { EVENT_LOG, logEvents, logFresh } from './effects.ts';

/** Writes every event into the log. */
export function auditConsumer(log: EventLogStore, onApplied: () => void): ConsumerDefinition {
  return defineConsumer({
    ...EVENT_LOG,
    queue: 'audit',
    handler: {
      prepare: async (events) => log.additionOf(events),
      apply: (sql, fresh, addition) => logFresh(sql, fresh, addition),
      procedure: logEvents,
    },
    onApplied,
  });
}
