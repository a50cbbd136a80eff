import { Type } from '@weave-nn/config';
import { Note } from './file/schemas.ts';
import { HistoryItem } from './git/schemas.ts';
import { GraphLink } from './mcp-sync/schemas.ts';
import { Task } from './task/schemas.ts';

/**
 * All that is known about a note, in one answer. A part is null when the service that knows it does not answer, or when
 * the key lacks the scope of the part.
 */
export const NoteContext = Type.Object({
  path: Type.String(),
  note: Type.Union([Note, Type.Null()]),
  backlinks: Type.Union([Type.Array(GraphLink), Type.Null()]),
  tasks: Type.Union([Type.Array(Task), Type.Null()]),
  commits: Type.Union([Type.Array(HistoryItem), Type.Null()]),
  unavailable: Type.Array(Type.String(), { description: 'the parts whose service is away' }),
  forbidden: Type.Array(Type.String(), { description: 'the parts whose scope the key lacks' }),
});
