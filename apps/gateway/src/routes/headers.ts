import type { IncomingHttpHeaders } from 'node:http';

/** What is between two neighbours only and never passed on (RFC 9110, section 7.6.1). */
const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

type Headers = Record<string, string | string[]>;

/**
 * The headers of a message that are for its end, not for the next neighbour.
 *
 * @param without further names to leave out, in lower case
 */
export function endToEndHeaders(headers: IncomingHttpHeaders, without: ReadonlySet<string>): Headers {
  const named =
    headers.connection === undefined ? undefined : new Set(headers.connection.toLowerCase().split(/\s*,\s*/));
  const kept: Headers = {};
  for (const name in headers) {
    const value = headers[name];
    if (value === undefined || hopByHop.has(name) || without.has(name) || named?.has(name)) continue;
    kept[name] = value;
  }
  return kept;
}
