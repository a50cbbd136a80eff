import type { Role, Scope } from '../gateway.ts';
import { isBelow, type Lack, type Method, type Trust } from './needs.ts';
import { publicRouteOf } from './public-routes.ts';

/** What a service wants of those on whose behalf it is called. */
export interface ServiceNeed {
  role: Role;
  /** One of these is enough; empty where each will do. */
  scopes: readonly Scope[];
}

/**
 * What services ask each other on behalf of a caller: each scope is one of a public route that does its work by such
 * a call, as tasks in notes are changed by changing the notes.
 */
const internalRoutes: Readonly<Record<string, ServiceNeed>> = {
  'POST /internal/files::read': {
    role: 'reader',
    scopes: ['files:read', 'files:write', 'tasks:read', 'tasks:write', 'search:read', 'git:read', 'git:write'],
  },
  'POST /internal/files::apply': { role: 'editor', scopes: ['files:write', 'tasks:write', 'git:write'] },
  'POST /internal/rebuild': { role: 'admin', scopes: ['admin'] },
};

/** What a method does to what nothing else is said of. */
function needOfMethod(method: string): ServiceNeed {
  return { role: method === 'GET' || method === 'HEAD' ? 'reader' : 'editor', scopes: [] };
}

/**
 * What a service wants for one of its routes.
 *
 * @param pattern the route as the service has it, as in `/v1/tasks/:id`
 * @returns undefined when a public route does not have this method: it is there for nobody
 */
export function serviceNeedOf(method: string, pattern: string): ServiceNeed | undefined {
  const route = publicRouteOf(pattern);
  if (!route) return internalRoutes[`${method} ${pattern}`] ?? needOfMethod(method);
  const need = route.needs[method as Method];
  if (need === undefined || need === 'nothing') return undefined;
  return { role: need.role, scopes: [need.scope] };
}

/** What a caller lacks for what a service wants, undefined when it lacks nothing. */
export function lackAtService({ role, scopes = [] }: Trust, need: ServiceNeed): Lack | undefined {
  if (isBelow(role, need.role)) return 'role-too-low';
  if (scopes.length === 0 || need.scopes.length === 0) return undefined;
  return need.scopes.some((scope) => scopes.includes(scope)) ? undefined : 'scope-missing';
}
