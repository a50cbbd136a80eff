import { SpanKind, SpanStatusCode, type Tracer } from '@opentelemetry/api';
import {
  type Answer,
  allowedTime,
  type Call,
  DEADLINE_HEADER,
  noAnswerInTime,
  type Transport,
  type Upstreams,
} from '@weave-nn/clients';
import { activeTraceparent, inSpan, type Runtime } from '@weave-nn/config';
import type { MountedApp } from '../definition.ts';
import { StartError } from '../errors.ts';
import { takeByReference } from '../http/hand-over.ts';
import { callContext } from '../security/call-context.ts';
import { IDENTITY_HEADER, type Identity } from '../security/identity.ts';

export interface TransportOptions {
  mounted: ReadonlyMap<string, MountedApp>;
  upstreams: ReadonlyMap<string, Upstreams>;
  identity: Identity;
  runtime: Runtime;
  /** Of the service that calls; undefined where nothing is recorded. */
  tracer: Tracer | undefined;
}

/**
 * Makes what carries calls to a service: into its Fastify instance where it is mounted in this process, over HTTP
 * where it is not. Either way the same identity, request id, deadline and trace go along.
 */
export function createTransports({ mounted, upstreams, identity, runtime, tracer }: TransportOptions) {
  function headersFor(service: string): Record<string, string> {
    const { principal, requestId } = callContext();
    const traceparent = activeTraceparent();
    return {
      [IDENTITY_HEADER]: identity.sign(service, principal),
      ...(requestId === null ? {} : { 'x-request-id': requestId }),
      ...(traceparent === undefined ? {} : { traceparent }),
    };
  }

  function remaining(): number | undefined {
    const { deadline } = callContext();
    return deadline === undefined ? undefined : deadline - runtime.monotonic();
  }

  async function intoMounted({ name, app }: MountedApp, call: Call): Promise<Answer> {
    const { method, url, body, accept, headers } = call;
    const time = allowedTime(name, call, remaining());
    const expired = Promise.withResolvers<never>();
    const timer = runtime.after(time, () => expired.reject(noAnswerInTime(name)));
    const request = {
      method,
      url,
      headers: {
        ...headers,
        ...headersFor(name),
        [DEADLINE_HEADER]: String(Math.ceil(time)),
        ...(accept === undefined ? {} : { accept }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    };
    try {
      const answering = takeByReference(() => app.inject(request));
      const { result, handedOver } = await Promise.race([answering, expired.promise]);
      return { status: result.statusCode, body: result.payload, handedOver };
    } finally {
      timer.cancel();
    }
  }

  /** Services are looked up at each call, since they are made one after another. */
  return function transportTo(service: string): Transport {
    let remote: Promise<Transport> | undefined;
    async function openRemote(found: Upstreams): Promise<Transport> {
      const { createRemoteTransport } = await import('@weave-nn/clients/remote');
      const callerGone = () => callContext().signal;
      return createRemoteTransport({
        upstreams: found,
        headers: () => headersFor(service),
        remaining,
        callerGone,
        runtime,
      });
    }
    async function send(call: Call): Promise<Answer> {
      const local = mounted.get(service);
      if (local) return intoMounted(local, call);
      const found = upstreams.get(service);
      if (!found) throw new StartError('service-not-reachable', `the service ${service} is neither mounted nor named`);
      remote ??= openRemote(found);
      return (await remote)(call);
    }

    return (call) => {
      const attributes = { 'peer.service': service, 'http.request.method': call.method };
      const work = { name: `${call.method} ${service}`, kind: SpanKind.CLIENT, attributes };
      return inSpan(tracer, runtime, work, async (span) => {
        const answer = await send(call);
        span?.setAttribute('http.response.status_code', answer.status);
        if (answer.status >= 500) {
          span?.setStatus({ code: SpanStatusCode.ERROR, message: `answered ${answer.status}` });
        }
        return answer;
      });
    };
  };
}
