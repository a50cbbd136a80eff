import { gatewayRoutes, type Method, type Need, type Needs, passedOnRoutes, type Route } from '@weave-nn/clients';

export { type Need, passedOnRoutes, type Route } from '@weave-nn/clients';

/** The routes of a passed-on path as the router writes them, in which `::` is a colon. */
export function patternsOf({ path }: Route): string[] {
  return [path, `${path}/*`, `${path}::*`];
}

function findNeeds(pattern: string): Needs | undefined {
  const own = gatewayRoutes.find(({ path, below }) => pattern === path || (below && pattern.startsWith(`${path}/`)));
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
