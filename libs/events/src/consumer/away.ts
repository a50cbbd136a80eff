import { DatabaseError, type DatabaseErrorCode } from '@weave-nn/database';
import { EventError } from '../errors.ts';

/** What a database says when nothing is wrong with the event. */
const databaseAway: readonly DatabaseErrorCode[] = [
  'database-unreachable',
  'database-busy',
  'database-read-only',
  'disk-full',
];

/** Whether an event could not be handled only because something it needs is away, so that it waits uncounted. */
export function isAway(error: unknown): boolean {
  if (error instanceof EventError) return error.code === 'dependency-unavailable';
  return error instanceof DatabaseError && databaseAway.includes(error.code);
}
