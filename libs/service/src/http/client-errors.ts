import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Runtime } from '@weave-nn/config';
import { describeProblem, PROBLEM_TYPE, type ProblemDocument } from './problems.ts';

type Refusal = Pick<ProblemDocument, 'status' | 'code' | 'detail'>;

/**
 * Milliseconds for which the rest of a refused request is still read. A connection that is closed with unread bytes is
 * reset, and the client may then never see the response (RFC 9112, section 9.6).
 */
const LINGER = 1_000;

const refusals: Readonly<Record<string, Refusal>> = {
  HPE_HEADER_OVERFLOW: {
    status: 431,
    code: 'headers-too-large',
    detail: 'The request line and headers are larger than 16 KiB; send shorter ones.',
  },
  HPE_CHUNK_EXTENSIONS_OVERFLOW: {
    status: 413,
    code: 'chunk-extensions-too-large',
    detail: 'The chunk extensions are larger than 16 KiB; send the body without them.',
  },
  ERR_HTTP_REQUEST_TIMEOUT: {
    status: 408,
    code: 'request-timeout',
    detail: 'The request did not arrive in time; send it again.',
  },
};

function refusalOf({ code = '', reason }: ClientError): Refusal {
  const detail = `The request is not valid HTTP/1.1${reason === undefined ? '' : `: ${reason}`}.`;
  return refusals[code] ?? { status: 400, code: 'request-malformed', detail };
}

function formatResponse(requestId: string, refusal: Refusal): string {
  const body = JSON.stringify(describeProblem(requestId, refusal));
  return [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status]}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}

/** What Node's HTTP parser or its timer says of a request. */
interface ClientError extends Error {
  code?: string;
  reason?: string;
}

/**
 * Makes the handler of requests that Node refuses before there is a request object: it answers with a problem document
 * and closes the connection, since what follows on it cannot be told apart from the rest of the refused request.
 *
 * @param isResponding whether the connection is in the middle of another response; it is then closed without one
 */
export function createClientErrorHandler(
  runtime: Pick<Runtime, 'uuid' | 'after'>,
  isResponding: (socket: Socket) => boolean,
): (error: ClientError, socket: Socket) => void {
  const refused = new WeakSet<Socket>();
  return (error, socket) => {
    // The parser reports every further piece of the request again.
    if (socket.destroyed || refused.has(socket)) return;
    refused.add(socket);
    if (error.code === 'ECONNRESET' || !socket.writable || isResponding(socket)) {
      socket.destroy();
      return;
    }
    socket.end(formatResponse(runtime.uuid(), refusalOf(error)));
    const timer = runtime.after(LINGER, () => socket.destroy());
    socket.once('close', () => timer.cancel());
  };
}
