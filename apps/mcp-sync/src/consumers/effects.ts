import type { Sql } from '@weave-nn/database/sql';
import type { EventIdentity } from '@weave-nn/events';
import { effectProcedure } from '@weave-nn/events/effect';
import { appendToLog, type LogAddition } from '../store/event-log.ts';
import { type IndexAddition, indexNotes } from '../store/index-notes.ts';
import { CONSUMER } from './names.ts';

/** The consumer that keeps the index. */
export const INDEX = { name: CONSUMER, order: 'newest' } as const;
/** The consumer that keeps the event log. */
export const EVENT_LOG = { name: 'event-log', order: 'every' } as const;

/** Brings the index up to date with files, which are at least as new as the events that they were read for. */
export function indexFresh(sql: Sql, _fresh: readonly EventIdentity[], addition: IndexAddition): Promise<void> {
  return indexNotes.run(sql, addition);
}

export function logFresh(sql: Sql, fresh: readonly EventIdentity[], addition: LogAddition): Promise<void> {
  const ids = new Set(fresh.map(({ id }) => id));
  return appendToLog(sql, { ...addition, entries: addition.entries.filter(({ id }) => ids.has(id)) });
}

export const indexEvents = effectProcedure(INDEX, indexFresh);
export const logEvents = effectProcedure(EVENT_LOG, logFresh);
