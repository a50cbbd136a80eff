import type { Transport } from '@weave-nn/clients';
import type { MountedApp } from './definition.ts';
import { StartError } from './errors.ts';
import { IDENTITY_HEADER, type Identity } from './identity.ts';

/**
 * Carries calls to a service mounted in this process: into its Fastify instance, without a socket.
 *
 * @param mounted looked up at each call, since services are made one after another
 */
export function createLocalTransport(
  service: string,
  mounted: ReadonlyMap<string, MountedApp>,
  identity: Identity,
): Transport {
  return async ({ method, url, body }) => {
    const target = mounted.get(service);
    if (!target) throw new StartError('service-not-mounted', `the service ${service} is not part of this process`);
    const token = identity.sign(service, { id: 'service', role: 'admin', client: null });
    const answer = await target.app.inject({
      method,
      url,
      headers: { [IDENTITY_HEADER]: token, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { payload: JSON.stringify(body) }),
    });
    return { status: answer.statusCode, body: answer.payload };
  };
}
