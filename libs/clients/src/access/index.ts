export { mayReadEvent, scopeOfEvent } from './event-scopes.ts';
export {
  administers,
  anyReader,
  isBelow,
  type Lack,
  lackOf,
  type Method,
  type Need,
  type Needs,
  reads,
  type ServiceNeed,
} from './needs.ts';
export { isBelowRoute, passedOnRoutes, type Route } from './public-routes.ts';
export { type Role, roles, type Scope, scopes } from './roles.ts';
export { lackAtService, serviceNeedOf } from './service-routes.ts';
