import { lackAtService, type ServiceContract, type ServiceNeed, serviceNeedOf } from '@weave-nn/clients';
import { ProblemError } from '../errors.ts';
import type { Principal } from './identity.ts';

function refused(lack: 'role-too-low' | 'scope-missing', { role, scopes }: ServiceNeed): ProblemError {
  const detail =
    lack === 'role-too-low'
      ? `This needs the role ${role}.`
      : `This needs a key with the scope ${scopes.join(' or ')}.`;
  return new ProblemError(403, lack, detail);
}

/**
 * Makes what checks at a service whether its caller may do what it asks, by its contract, as the gateway does: a token
 * that was not signed for a request must not do more than the request could.
 *
 * @returns checks one request; throws ProblemError 403 `role-too-low` or `scope-missing`, 404 `route-not-found` for a
 *   method that is there for nobody
 */
export function createAccessCheck(
  contract: ServiceContract,
): (principal: Principal, method: string, pattern: string) => void {
  const needs = new Map<string, ServiceNeed | undefined>();
  return (principal, method, pattern) => {
    const name = `${method} ${pattern}`;
    let need = needs.get(name);
    if (!need && !needs.has(name)) {
      need = serviceNeedOf(contract, method, pattern);
      needs.set(name, need);
    }
    if (!need) throw new ProblemError(404, 'route-not-found', `There is no ${method} of this route.`);
    const lack = lackAtService(principal, need);
    if (lack) throw refused(lack, need);
  };
}
