import { type ServiceContract, serviceNeedOf } from '@weave-nn/clients';
import { StartError } from './errors.ts';
import type { App } from './fastify-app.ts';

/** The routes of every service, beside those of its contract; they need no token. */
export const COMMON_ROUTES: ReadonlySet<string> = new Set(['/health', '/ready', '/metrics', '/openapi.json']);

/**
 * Refuses routes that are added from now on and that the contract does not declare: the gateway would not pass
 * requests on to them, and nobody would be told what they need.
 *
 * The route's registration throws StartError `route-undeclared`.
 */
export function refuseUndeclaredRoutes(app: App, contract: ServiceContract): void {
  app.addHook('onRoute', ({ method, url }) => {
    if (COMMON_ROUTES.has(url)) return;
    const undeclared = [method].flat().find((each) => serviceNeedOf(contract, each, url) === undefined);
    if (undeclared === undefined) return;
    throw new StartError(
      'route-undeclared',
      `the service ${contract.name} serves ${undeclared} ${url}, which its contract does not declare`,
    );
  });
}

/** @throws StartError `queue-undeclared` for a consumer of a queue that the contract does not declare */
export function refuseUndeclaredQueues(consumers: readonly { queue: string }[], contract: ServiceContract): void {
  const undeclared = consumers.find(({ queue }) => !contract.queues.some(({ name }) => name === queue));
  if (!undeclared) return;
  throw new StartError(
    'queue-undeclared',
    `the service ${contract.name} consumes the queue ${undeclared.queue}, which its contract does not declare`,
  );
}
