import type { Handler } from './handler.ts';

/**
 * Lets through the events that are newer than what this consumer has seen of their subject, and locks the subject's
 * row until the effect is committed, so that replicas take turns.
 */
export function newestOnly(consumer: string, handler: Handler): Handler {
  return async (sql, events) => {
    const newer = [];
    for (const event of events) {
      const raised = await sql.run(
        `INSERT INTO subject_sequence (consumer, source, subject, sequence) VALUES (?, ?, ?, ?)
         ON CONFLICT (consumer, source, subject) DO UPDATE SET sequence = excluded.sequence
         WHERE subject_sequence.sequence < excluded.sequence`,
        consumer,
        event.source,
        event.subject,
        Number(event.sequence),
      );
      if (raised > 0) newer.push(event);
    }
    if (newer.length > 0) await handler(sql, newer);
  };
}
