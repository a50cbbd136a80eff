import type { Database, Procedure, Sql } from '@weave-nn/database/sql';
import type { AnyEvent } from '../event.ts';

/** What of an event tells whether it was had, and which is newer. */
export type EventIdentity = Pick<AnyEvent, 'id' | 'source' | 'subject' | 'sequence'>;

/**
 * Applies events inside the transaction of their effect. What it throws rolls all of it back.
 * Wrappers such as `onceOnly` take a handler and give one.
 */
export type Handler<Event extends EventIdentity = AnyEvent> = (sql: Sql, events: readonly Event[]) => Promise<void>;

/** All that the transaction of a batch needs. */
export interface Effect<Prepared> {
  provider: Database['provider'];
  /** Milliseconds since 1970. */
  receivedAt: number;
  events: readonly EventIdentity[];
  prepared: Prepared;
}

/** How a service takes the events of one queue. */
export interface EventHandler<Prepared = unknown> {
  /**
   * Reads what the effect needs from elsewhere, before its transaction. Throw `dependencyUnavailable` when
   * something is away: the events then wait without a try being counted.
   */
  prepare(events: readonly AnyEvent[]): Promise<Prepared>;
  /** How many bytes `prepare` reads for an event, about: so that a batch is not more than memory holds. */
  bytesOf?(event: AnyEvent): number;
  /** Applies the events to the service's own tables. */
  apply(sql: Sql, events: readonly AnyEvent[], prepared: Prepared): Promise<void>;
  /** The transaction of a large batch, made by `effectProcedure` of the same `apply`. */
  procedure?: Procedure<Effect<Prepared>>;
}
