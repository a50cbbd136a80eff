import type { ConsumerDefinition } from '@weave-nn/service';
import type { EventLogStore } from '../store/event-log.ts';

/** Writes every event into the log. */
export function auditConsumer(log: EventLogStore, onApplied: () => void): ConsumerDefinition {
  return {
    name: 'event-log',
    queue: 'audit',
    order: 'every',
    handler: {
      prepare: async () => undefined,
      apply: (sql, events) => log.append(sql, events),
    },
    onApplied,
  };
}
