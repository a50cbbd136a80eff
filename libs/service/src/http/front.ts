import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Runtime } from '@weave-nn/config';
import type { FastifyServerFactory } from 'fastify';
import type { MountedApp } from '../definition.ts';
import { IDENTITY_HEADER, type Identity } from '../security/identity.ts';
import { describeProblem, PROBLEM_TYPE } from './problems.ts';

const MAX_REQUEST_MS = 120_000;

/** Whether a request names its host as RFC 9112, section 3.2, demands: once, which HTTP/1.0 may leave out. */
function namesHost({ rawHeaders, httpVersion }: IncomingMessage): boolean {
  let count = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.length === 'host'.length && name.toLowerCase() === 'host') count++;
  }
  return count === 1 || (count === 0 && httpVersion === '1.0');
}

function refuseHost(response: ServerResponse, requestId: string): void {
  const detail = 'Send exactly one Host header.';
  const body = JSON.stringify(describeProblem(requestId, { status: 400, code: 'host-invalid', detail }));
  response.writeHead(400, {
    'content-type': PROBLEM_TYPE,
    'content-length': Buffer.byteLength(body),
    'x-request-id': requestId,
    connection: 'close',
  });
  response.end(body);
}

/**
 * Makes the one server of a process. A call from another process says in its token which service it is for and goes
 * straight there; everything else is for the service in front. A request without exactly one Host header is refused: of
 * two, a proxy may believe the one and Node the other.
 */
export function createFrontServer(
  mounted: ReadonlyMap<string, MountedApp>,
  identity: Identity,
  runtime: Pick<Runtime, 'uuid'>,
): FastifyServerFactory {
  return (handler): Server => {
    // Checked here, where the refusal has a body that says why.
    const server = createServer({ requireHostHeader: false }, (request, response) => {
      if (!namesHost(request)) return refuseHost(response, runtime.uuid());
      const token = request.headers[IDENTITY_HEADER];
      const audience = typeof token === 'string' ? identity.audienceOf(token) : undefined;
      const target = audience === undefined ? undefined : mounted.get(audience);
      if (target) target.app.routing(request, response);
      else handler(request, response);
    });
    server.requestTimeout = MAX_REQUEST_MS;
    return server;
  };
}
