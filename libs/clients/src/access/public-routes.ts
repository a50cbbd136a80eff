import type { PublicRoute } from '../contract.ts';
import { contracts } from '../services.ts';

/** A public route and the service that answers it. */
export interface Route extends PublicRoute {
  service: string;
}

/** Who answers what. The gateway passes requests on by it, and each service checks again what it is asked. */
export const passedOnRoutes: readonly Route[] = contracts.flatMap(({ name, routes }) =>
  routes.map((route) => ({ ...route, service: name })),
);

/** Whether a pattern of a router, in which `::` is a colon, is a route's or below it. */
export function isBelowRoute(pattern: string, { path }: Pick<PublicRoute, 'path'>): boolean {
  return pattern === path || pattern.startsWith(`${path}/`) || pattern.startsWith(`${path}::`);
}
