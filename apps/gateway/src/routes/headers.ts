import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http';
import { DEADLINE_HEADER } from '@weave-nn/clients';
import { IDENTITY_HEADER } from '@weave-nn/service';

/** What is between two neighbours only and never passed on (RFC 9110, section 7.6.1). */
const hopByHop = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
] as const;

/** What the gateway says to a service itself. */
export interface OwnHeaders {
  [IDENTITY_HEADER]: string;
  [DEADLINE_HEADER]: string;
  'x-request-id': string;
  traceparent: string;
}

/** The key is the gateway's business, the host the upstream's; the body's first byte is not held back for a nod. */
const keptBack = ['authorization', 'host', 'expect'] as const;

const notAsked: ReadonlySet<string> = new Set([
  ...hopByHop,
  ...keptBack,
  IDENTITY_HEADER,
  DEADLINE_HEADER,
  'x-request-id',
  'traceparent',
]);
const notAnswered: ReadonlySet<string> = new Set(hopByHop);

/** Names and values in turn, as undici and `writeHead` take them without a copy of their own. */
export type FlatHeaders = string[];

function namedByConnection({ connection }: IncomingHttpHeaders): ReadonlySet<string> | undefined {
  if (connection === undefined || connection === 'keep-alive' || connection === 'close') return undefined;
  return new Set(connection.toLowerCase().split(/\s*,\s*/));
}

function append(flat: FlatHeaders, headers: IncomingHttpHeaders, without: ReadonlySet<string>): FlatHeaders {
  const named = namedByConnection(headers);
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || without.has(name) || named?.has(name)) continue;
    if (typeof value === 'string') flat.push(name, value);
    else for (const each of value) flat.push(name, each);
  }
  return flat;
}

/** What a service is asked with: the headers of the request that are for its end, and the gateway's own. */
export function requestHeaders(asked: IncomingHttpHeaders, own: OwnHeaders): FlatHeaders {
  const flat: FlatHeaders = [];
  for (const name in own) flat.push(name, own[name as keyof OwnHeaders]);
  return append(flat, asked, notAsked);
}

/** What a client is answered with: the headers of the answer that are for its end, and those of ours it lacks. */
export function answerHeaders(answered: IncomingHttpHeaders, own: OutgoingHttpHeaders): FlatHeaders {
  const flat: FlatHeaders = [];
  for (const name in own) {
    // What the service says of its own connection is no answer to what we say of ours.
    const isAnswered = answered[name] !== undefined && !notAnswered.has(name);
    if (!isAnswered && own[name] !== undefined) flat.push(name, String(own[name]));
  }
  return append(flat, answered, notAnswered);
}
