import { administers, type Method, type Need, type Needs, passedOnRoutes, type Route, reads } from '@weave-nn/clients';

export { type Need, passedOnRoutes, type Route } from '@weave-nn/clients';

/** A path that the gateway answers itself. */
export interface OwnRoute {
  path: string;
  /** Whether it stands for what is below it as well. */
  below?: boolean;
  needs: Needs;
}

const open: Needs = { GET: 'nothing', HEAD: 'nothing' };

const ownRoutes: readonly OwnRoute[] = [
  { path: '/v1/context/*', needs: reads('files:read') },
  { path: '/v1/system', needs: reads('system:read') },
  { path: '/v1/system/check', needs: administers('GET', 'HEAD') },
  { path: '/v1/system/rebuild', needs: administers('POST') },
  { path: '/v1/auth/keys', needs: administers('GET', 'HEAD', 'POST') },
  { path: '/v1/auth/keys/:id', needs: administers('DELETE') },
  { path: '/health', needs: open },
  { path: '/ready', needs: open },
  { path: '/metrics', needs: open },
  { path: '/openapi.json', needs: open },
  { path: '/docs', below: true, needs: open },
];

/** The routes of a passed-on path as the router writes them, in which `::` is a colon. */
export function patternsOf({ path }: Route): string[] {
  return [path, `${path}/*`, `${path}::*`];
}

function findNeeds(pattern: string): Needs | undefined {
  const own = ownRoutes.find(({ path, below }) => pattern === path || (below && pattern.startsWith(`${path}/`)));
  return (own ?? passedOnRoutes.find((route) => patternsOf(route).includes(pattern)))?.needs;
}

const found = new Map<string, Needs | undefined>();

/**
 * What a request needs, by the route that the router found for it, so that both can only mean the same.
 *
 * @param pattern undefined when no route is there for it
 * @returns undefined when the table does not name it: then it is refused to everybody
 */
export function needOf(method: string, pattern: string | undefined): Need | undefined {
  if (pattern === undefined) return undefined;
  let needs = found.get(pattern);
  if (!needs && !found.has(pattern)) {
    needs = findNeeds(pattern);
    found.set(pattern, needs);
  }
  return needs?.[method as Method];
}
