import {
  DeadLetterDetails,
  DeadLetterPage,
  ListDeadLettersQuery,
  ReplayRequest,
  ReplayStarted,
} from '@weave-nn/clients';
import { Type } from '@weave-nn/config';
import type { App } from '@weave-nn/service';
import { decodeCursor, encodeCursor } from '../domain/cursor.ts';
import type { Replays } from '../domain/replays.ts';
import { storableData, storableText } from '../domain/storable.ts';
import { ReadSideError } from '../errors.ts';
import type { DeadLetterFilter, DeadLetterStore, ListPosition } from '../store/dead-letters.ts';

const DEFAULT_LIMIT = 100;
const ALL = 1_000_000_000;
const tags = ['dead letters'];
const params = Type.Object({ id: Type.String() });

/** ISO 8601 has no space. */
function encodePosition({ diedAt, id }: ListPosition): string {
  return encodeCursor(`${diedAt} ${id}`);
}

function decodePosition(cursor: string | undefined): ListPosition | undefined {
  if (cursor === undefined) return undefined;
  const [, diedAt, id] = /^(\S+) (\S+)$/.exec(decodeCursor(cursor)) ?? [];
  if (diedAt !== undefined && id !== undefined) return { diedAt, id };
  throw new ReadSideError('cursor-invalid', 'invalid cursor; send the nextCursor of an earlier response');
}

/** What letters have, so that nothing that no database takes is looked for. */
function storableFilter(filter: DeadLetterFilter): DeadLetterFilter {
  return storableData({ ...filter });
}

/** `/v1/dlq`: what could not be applied, until it is replayed or discarded. */
export function deadLetterRoutes(app: App, { store, replays }: { store: DeadLetterStore; replays: Replays }): void {
  app.get('/v1/dlq', {
    schema: {
      summary: 'List dead letters, the last that died first',
      tags,
      querystring: ListDeadLettersQuery,
      response: { 200: DeadLetterPage },
    },
    async handler({ query }) {
      const { limit = DEFAULT_LIMIT, cursor, ...filter } = query;
      const letters = await store.list(storableFilter(filter), decodePosition(cursor), limit + 1);
      const items = letters.slice(0, limit);
      const last = items.at(-1);
      return { items, nextCursor: last && letters.length > limit ? encodePosition(last) : null };
    },
  });
  app.get('/v1/dlq/:id', {
    schema: {
      summary: 'A dead letter and its message',
      tags,
      params,
      response: { 200: DeadLetterDetails },
    },
    handler: ({ params: { id } }) => replays.find(storableText(id)),
  });
  app.post('/v1/dlq/:id/replay', {
    schema: {
      summary: 'Send a dead letter to its queue again',
      description:
        'Answers once the replay is written down; it is then sent to the queue it failed on, and has five tries of its own. The letter ends as `replayed`, as `superseded`, or is `dead` again.',
      tags,
      params,
      response: { 202: DeadLetterDetails },
    },
    async handler({ params: { id } }, reply) {
      const letter = await replays.begin(storableText(id));
      reply.code(202);
      return letter;
    },
  });
  app.post('/v1/dlq/replay', {
    schema: {
      summary: 'Send all dead letters that fit to their queues again',
      description: 'The oldest events first, at most a hundred a second.',
      tags,
      body: ReplayRequest,
      response: { 202: ReplayStarted },
    },
    async preValidation(request) {
      request.body ??= {};
    },
    async handler(request, reply) {
      const { limit = ALL, ...filter } = request.body;
      const replaying = await replays.beginAll(storableFilter(filter), limit);
      request.log.info({ replaying, filter, by: request.principal }, 'dead letters replayed');
      reply.code(202);
      return { replaying };
    },
  });
  app.delete('/v1/dlq/:id', {
    schema: {
      summary: 'Discard a dead letter',
      tags,
      params,
      response: { 204: Type.Null() },
    },
    async handler(request, reply) {
      await replays.discard(storableText(request.params.id));
      request.log.info({ letter: request.params.id, by: request.principal }, 'dead letter discarded');
      return reply.code(204).send(null);
    },
  });
}
