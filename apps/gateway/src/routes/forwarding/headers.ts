import type { IncomingHttpHeaders } from 'node:http';
import { DEADLINE_HEADER } from '@weave-nn/clients';
import { IDENTITY_HEADER } from '@weave-nn/service';

/** Headers between two neighbours, which are never forwarded (RFC 9110, section 7.6.1). */
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

/** The headers that the gateway itself sends to a service. */
export interface GatewayHeaders {
  [IDENTITY_HEADER]: string;
  [DEADLINE_HEADER]: string;
  'x-request-id': string;
  traceparent: string;
}

/** The key concerns the gateway only, and the first byte of the body is not held back for a `100 Continue`. */
const notForwarded: ReadonlySet<string> = new Set([...hopByHop, 'authorization', 'expect']);
const notReturned: ReadonlySet<string> = new Set(hopByHop);

function without(headers: IncomingHttpHeaders, removed: ReadonlySet<string>): IncomingHttpHeaders {
  const listed = headers.connection?.toLowerCase().split(/\s*,\s*/) ?? [];
  const kept: IncomingHttpHeaders = {};
  for (const name in headers) {
    if (!removed.has(name) && !listed.includes(name)) kept[name] = headers[name];
  }
  return kept;
}

/** The headers of a request to a service: those of the client's that are for its end, and the gateway's own. */
export function requestHeaders(received: IncomingHttpHeaders, own: GatewayHeaders): IncomingHttpHeaders {
  return { ...without(received, notForwarded), ...own };
}

/** The headers of a service's response that are for the client. */
export function responseHeaders(received: IncomingHttpHeaders): IncomingHttpHeaders {
  return without(received, notReturned);
}
