import type { ServiceContract } from '../contract.ts';
import { everyServiceNeed } from '../every-service/contract.ts';
import { isBelow, type Lack, type Method, type ServiceNeed, type Trust } from './needs.ts';
import { isBelowRoute } from './public-routes.ts';

/**
 * What a service wants for one of its routes.
 *
 * @param pattern the route as the service has it, as in `/v1/tasks/:id`
 * @returns undefined when its contract does not declare the route with this method: it is there for nobody
 */
export function serviceNeedOf(
  contract: Pick<ServiceContract, 'routes' | 'internalRoutes' | 'tools'>,
  method: string,
  pattern: string,
): ServiceNeed | undefined {
  const need = contract.routes.find((route) => isBelowRoute(pattern, route))?.needs[method as Method];
  if (need !== undefined && need !== 'nothing') return { role: need.role, scopes: need.scope ? [need.scope] : [] };
  const operation = `${method === 'HEAD' ? 'GET' : method} ${pattern}`;
  return contract.internalRoutes[operation] ?? everyServiceNeed(contract, operation);
}

/** What a caller lacks for what a service wants, undefined when it lacks nothing. */
export function lackAtService({ role, scopes = [] }: Trust, need: ServiceNeed): Lack | undefined {
  if (isBelow(role, need.role)) return 'role-too-low';
  if (scopes.length === 0 || need.scopes.length === 0) return undefined;
  return need.scopes.some((scope) => scopes.includes(scope)) ? undefined : 'scope-missing';
}
