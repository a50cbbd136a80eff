import {
  ChangedFile,
  ChangeQuery,
  DeleteQuery,
  DryRunResult,
  EditRequest,
  FilePage,
  ListFilesQuery,
} from '@weave-nn/clients';
import { Type } from '@weave-nn/config';
import type { App } from '@weave-nn/service';
import type { FastifyReply } from 'fastify';
import type { Listing } from '../domain/read/listing.ts';
import type { Reads } from '../domain/read/reads.ts';
import type { Changes } from '../domain/write/changes.ts';
import type { Operation } from '../domain/write/plan.ts';
import { FileError } from '../errors.ts';
import { authorOf, header, idempotencyOf, pathOf } from './request.ts';
import { type Sources, sendFile } from './send-file.ts';

export interface FileRoutes extends Sources {
  changes: Changes;
  listing: Listing;
  reads: Reads;
}

const path = Type.Object({ '*': Type.String() });
/** Described without a schema: what is sent is bytes, or a note that is described elsewhere. */
const sent = {
  200: { description: 'the file, or the note as JSON' },
  206: { description: 'the range of the file that was asked for' },
  304: { description: 'the caller has the file already' },
};
const changed = { 200: Type.Union([ChangedFile, DryRunResult]), 201: ChangedFile };

/** `/v1/files`: list, read, write, append, edit, delete. Bodies of writes are taken as bytes, whatever their type. */
export function fileRoutes(app: App, { changes, listing, reads, ...sources }: FileRoutes): void {
  app.get('/v1/files', {
    schema: { summary: 'List files', tags: ['files'], querystring: ListFilesQuery, response: { 200: FilePage } },
    handler: ({ query }) => listing.page(query),
  });
  app.get('/v1/files/*', {
    schema: {
      summary: 'Read a file',
      description: 'The raw bytes; with `Accept: application/json` a note with what was found in it.',
      tags: ['files'],
      params: path,
      response: sent,
    },
    handler: (request, reply) => sendFile(request, reply, { reads, ...sources }),
  });

  app.register(async (bytes) => {
    bytes.removeAllContentTypeParsers();
    bytes.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));

    bytes.put('/v1/files/*', {
      schema: {
        summary: 'Create or replace a file',
        tags: ['files'],
        params: path,
        querystring: ChangeQuery,
        response: changed,
      },
      handler: (request, reply) =>
        change(request, reply, {
          op: 'put',
          path: pathOf(request),
          bytes: bodyOf(request),
          ifMatch: header(request, 'if-match'),
          ifNoneMatch: header(request, 'if-none-match'),
        }),
    });
    bytes.post('/v1/files/*', {
      schema: {
        summary: 'Append to a file',
        tags: ['files'],
        params: path,
        querystring: ChangeQuery,
        response: changed,
      },
      handler: (request, reply) =>
        change(request, reply, {
          op: 'append',
          path: pathOf(request),
          bytes: bodyOf(request),
          ifMatch: header(request, 'if-match'),
        }),
    });
  });

  app.patch('/v1/files/*', {
    schema: {
      summary: 'Edit one heading, block or frontmatter key of a note',
      tags: ['files'],
      params: path,
      querystring: ChangeQuery,
      body: EditRequest,
      response: changed,
    },
    handler: (request, reply) =>
      change(request, reply, {
        op: 'edit',
        path: pathOf(request),
        edit: request.body,
        ifMatch: header(request, 'if-match'),
      }),
  });
  app.delete('/v1/files/*', {
    schema: {
      summary: 'Move a file to the trash, or remove it',
      tags: ['files'],
      params: path,
      querystring: DeleteQuery,
      response: changed,
    },
    handler: (request, reply) =>
      change(request, reply, {
        op: 'delete',
        path: pathOf(request),
        permanent: request.query.permanent ?? false,
        ifMatch: header(request, 'if-match'),
      }),
  });

  type ChangeRequest = Parameters<typeof authorOf>[0];

  function bodyOf({ body }: ChangeRequest): Buffer {
    return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
  }

  async function change(request: ChangeRequest, reply: FastifyReply, operation: Exclude<Operation, { op: 'move' }>) {
    if ((request.query as { dryRun?: boolean }).dryRun) {
      return changes.preview([operation]);
    }
    const idempotency = request.method === 'POST' ? idempotencyOf(request) : null;
    const {
      changed: [file],
    } = await changes.apply([operation], authorOf(request), idempotency);
    if (!file) return unchanged(operation.path, reply);
    if (file.etag) reply.header('etag', file.etag);
    return reply.code(file.change === 'created' ? 201 : 200).send(file);
  }

  async function unchanged(name: string, reply: FastifyReply) {
    const entry = await reads.current(name);
    if (!entry) throw new FileError('file-not-found', `there is no file ${name}`);
    const etag = `"${entry.hash}"`;
    reply.header('etag', etag);
    return { path: name, change: 'unchanged' as const, etag, size: entry.size, sequence: entry.sequence };
  }
}
