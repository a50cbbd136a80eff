import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { EventStreamQuery, mayReadEvent, scopeOfEvent } from '@weave-nn/clients';
import { pause, type Runtime, type Signal } from '@weave-nn/config';
import { eventTypes, keyMatches } from '@weave-nn/events';
import { type App, type Principal, ProblemError } from '@weave-nn/service';
import { ReadSideError } from '../errors.ts';
import type { EventLogStore } from '../store/event-log.ts';

const BATCH = 200;
const HEARTBEAT = 15_000;
/** What another replica has written to the log wakes nobody here. */
const POLL_INTERVAL_MS = 500;

export interface EventRoutes {
  log: EventLogStore;
  /** Notified when the log has grown. */
  grown: Signal;
  runtime: Runtime;
  /** Whether other processes write to the log as well. */
  shared: boolean;
  /** Aborted when the process stops; streams end then. */
  stopping: AbortSignal;
}

/**
 * The patterns of event types that a stream is asked for: parameters that are repeated, or lists with commas.
 *
 * @throws ReadSideError `event-type-unknown` for a pattern that no event can match
 */
function patternsOf(types: string | string[] | undefined): string[] {
  if (types === undefined) return ['#'];
  const patterns = [types]
    .flat()
    .flatMap((each) => each.split(','))
    .map((each) => each.trim());
  const unknown = patterns.find((pattern) => !eventTypes.some((type) => keyMatches(pattern, type)));
  if (unknown === undefined) return patterns;
  throw new ReadSideError(
    'event-type-unknown',
    `type=${unknown.slice(0, 100)} matches no event; the types are ${eventTypes.join(', ')}`,
  );
}

/**
 * The event types that a caller is sent, and those that it asked for and may not read.
 *
 * @throws ProblemError 403 `scope-missing` when it names types and may read none of them
 */
function typesFor(principal: Principal, asked: string | string[] | undefined) {
  const patterns = patternsOf(asked);
  const wanted = eventTypes.filter((type) => patterns.some((pattern) => keyMatches(pattern, type)));
  const readable = new Set<string>(wanted.filter((type) => mayReadEvent(principal, type)));
  const forbidden = wanted.filter((type) => !readable.has(type));
  const [first] = forbidden;
  if (asked !== undefined && readable.size === 0 && first !== undefined) {
    const detail = `Events of the type ${first} need a key with the scope ${scopeOfEvent(first)}.`;
    throw new ProblemError(403, 'scope-missing', detail);
  }
  return { readable, forbidden };
}

function positionOf(text: string): number {
  if (!/^\d{1,15}$/.test(text)) {
    throw new ReadSideError(
      'position-invalid',
      `Last-Event-ID must be the id of an event of this stream; ${text.slice(0, 40)} is not`,
    );
  }
  return Number(text);
}

/** `/v1/events`: the event log as server-sent events, from any position on. */
export function eventRoutes(app: App, { log, grown, runtime, shared, stopping }: EventRoutes): void {
  app.get('/v1/events', {
    schema: {
      summary: 'The stream of events',
      description:
        'Server-sent events; `Last-Event-ID` resumes after an event. Filter with `type=vault.file.*,task.*`. Events of files also need the scope `files:read`, those of tasks `tasks:read`, those of the history `git:read`; the types that a key may not read are left out and named in the header `x-forbidden-types`.',
      tags: ['events'],
      querystring: EventStreamQuery,
    },
    async handler(request, reply) {
      const given = request.headers['last-event-id'] ?? request.query.after;
      const { readable, forbidden } = typesFor(request.principal, request.query.type);
      const newest = await log.newest();
      const position = given === undefined ? newest : positionOf(String(given));
      if (position > newest) {
        throw new ReadSideError(
          'position-invalid',
          `Last-Event-ID ${position} is newer than the newest event, ${newest}: the log was made anew; read the present state and resume without it`,
        );
      }
      const gone = new AbortController();
      request.raw.once('close', () => gone.abort());
      reply.hijack();
      const { raw } = reply;
      raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        'x-request-id': request.id,
        ...(forbidden.length > 0 ? { 'x-forbidden-types': forbidden.join(', ') } : {}),
      });
      const ended = AbortSignal.any([gone.signal, stopping]);
      try {
        await follow(raw, position, readable, ended);
      } catch (error) {
        request.log.warn({ err: error }, 'an event stream ended early');
      }
      raw.end();
    },
  });

  async function follow(raw: ServerResponse, from: number, readable: ReadonlySet<string>, ended: AbortSignal) {
    let position = from;
    const write = async (text: string) => {
      if (!raw.write(text) && !ended.aborted) await once(raw, 'drain', { signal: ended });
    };
    await write(': the stream begins\n\n');
    const beat = () => {
      raw.write(': still here\n\n');
      heartbeat = runtime.after(HEARTBEAT, beat);
    };
    let heartbeat = runtime.after(HEARTBEAT, beat);
    try {
      while (!ended.aborted) {
        const more = grown.next(ended);
        const events = await log.after(position, BATCH);
        for (const event of events) {
          position = event.position;
          if (!readable.has(event.type)) continue;
          await write(`id: ${event.position}\nevent: ${event.type}\ndata: ${event.body}\n\n`);
        }
        if (events.length < BATCH)
          await (shared ? Promise.race([more, pause(runtime, POLL_INTERVAL_MS, ended)]) : more);
      }
    } catch (error) {
      if (!ended.aborted) throw error;
    } finally {
      heartbeat.cancel();
    }
  }
}
