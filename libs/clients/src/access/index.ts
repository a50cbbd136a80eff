export { mayReadEvent, scopeOfEvent } from './event-scopes.ts';
export { administers, isBelow, type Lack, lackOf, type Method, type Need, type Needs, reads } from './needs.ts';
export { passedOnRoutes, type Route } from './public-routes.ts';
export { lackAtService, type ServiceNeed, serviceNeedOf } from './service-routes.ts';
