import { type Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import type { FuzzRequest } from './requests.ts';

/** What came of a request. */
export interface FuzzAnswer {
  status: number;
  contentType: string;
  body: string;
}

const STREAM = 'text/event-stream';

/**
 * Sends a request as it is. A stream of events is closed once it has begun.
 *
 * @param within milliseconds for the whole response
 * @throws Error when the connection breaks, or no response comes in time
 */
export function send(
  { operation: { method }, target, headers, body }: FuzzRequest,
  options: { url: string; key: string; agent: Agent; within: number },
): Promise<FuzzAnswer> {
  const { url, key, agent, within } = options;
  const { hostname, port } = new URL(url);
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => sent.destroy(new Error(`no response within ${within} ms`)), within);
    const fail = (error: Error) => {
      clearTimeout(late);
      reject(error);
    };
    const sent = request({
      hostname,
      port,
      agent,
      method,
      path: target,
      headers: { authorization: `Bearer ${key}`, ...length, ...headers },
    });
    sent.on('error', fail);
    sent.on('response', (response: IncomingMessage) => {
      const { statusCode: status = 0, headers: answered } = response;
      const contentType = answered['content-type'] ?? '';
      const settle = (content: string) => {
        clearTimeout(late);
        resolve({ status, contentType, body: content });
      };
      if (contentType.startsWith(STREAM)) {
        sent.off('error', fail);
        sent.on('error', () => undefined);
        settle('');
        response.destroy();
      } else text(response).then(settle, fail);
    });
    sent.end(body);
  });
}
