export type { ServiceNeed } from '../contract.ts';
export { mayReadEvent, scopeOfEvent } from './event-scopes.ts';
export { administers, isBelow, type Lack, lackOf, type Method, type Need, type Needs, reads } from './needs.ts';
export { isBelowRoute, passedOnRoutes, type Route } from './public-routes.ts';
export { type Role, roles, type Scope, scopes } from './roles.ts';
export { lackAtService, serviceNeedOf } from './service-routes.ts';
