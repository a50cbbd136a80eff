import type { Database, Procedure, Sql } from '@weave-nn/database/sql';
import type { Effect, EventIdentity, Handler } from './handler.ts';
import { newestOnly } from './newest-only.ts';
import { onceOnly } from './once-only.ts';

/** `newest`: an event older than what was seen of its subject changes nothing. `every`: all events count. */
export type Order = 'newest' | 'every';

/**
 * Lets through what a consumer has not had, in its order.
 *
 * @param overtaken called when none is newer
 */
export function inOrderOnce<Event extends EventIdentity>(
  consumer: { name: string; order: Order; provider: Database['provider'] },
  receivedAt: number,
  handler: Handler<Event>,
  overtaken?: () => void,
): Handler<Event> {
  const { name, order, provider } = consumer;
  const ordered = order === 'newest' ? newestOnly(name, provider, handler, overtaken) : handler;
  return onceOnly(name, provider, receivedAt, ordered);
}

/**
 * Makes the whole of a consumer's transaction a procedure, so that large batches need not keep the thread in which
 * everything else goes on.
 *
 * @param apply as the consumer's handler does
 */
export function effectProcedure<Prepared>(
  consumer: { name: string; order: Order },
  apply: (sql: Sql, events: readonly EventIdentity[], prepared: Prepared) => Promise<void>,
): Procedure<Effect<Prepared>> {
  return {
    name: `effect of ${consumer.name}`,
    run(sql, { provider, receivedAt, events, prepared }) {
      const handler: Handler<EventIdentity> = (inside, fresh) => apply(inside, fresh, prepared);
      return inOrderOnce({ ...consumer, provider }, receivedAt, handler)(sql, events);
    },
  };
}
