import type { Runtime } from '@weave-nn/config';
import type { Handler } from './handler.ts';

/**
 * Lets through the events that this consumer has not had yet. The inbox row is written in the effect's own
 * transaction, so that an event and its effect are recorded together or not at all.
 */
export function onceOnly(consumer: string, runtime: Runtime, handler: Handler): Handler {
  return async (sql, events) => {
    const fresh = [];
    for (const event of events) {
      const added = await sql.run(
        'INSERT INTO inbox (consumer, event_id, received_at) VALUES (?, ?, ?) ON CONFLICT (consumer, event_id) DO NOTHING',
        consumer,
        event.id,
        runtime.now(),
      );
      if (added > 0) fresh.push(event);
    }
    if (fresh.length > 0) await handler(sql, fresh);
  };
}
