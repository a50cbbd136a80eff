import type { Role, Scope } from '@weave-nn/clients';

export type Method = 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** The least that a caller must have; `nothing` for what is open to all. */
export type Need = 'nothing' | { role: Role; scope: Scope };

/** What each method needs; a method that is not named is there for nobody. */
export type Needs = Readonly<Partial<Record<Method, Need>>>;

/** A path that the gateway answers itself. */
export interface OwnRoute {
  path: string;
  /** Whether it stands for what is below it as well. */
  below?: boolean;
  needs: Needs;
}

/** A path that a service answers, with everything below it and its operations, as in `/v1/files:move`. */
export interface Route {
  path: string;
  service: string;
  /** Milliseconds for which the answer's beginning is waited for. */
  timeout: number;
  /** A stream that may be silent for as long as it likes once it has begun. */
  endless?: boolean;
  needs: Needs;
}

const open: Needs = { GET: 'nothing', HEAD: 'nothing' };

function reads(scope: Scope): Needs {
  const need: Need = { role: 'reader', scope };
  return { GET: need, HEAD: need };
}

function changes(scope: Scope): Needs {
  const need: Need = { role: 'editor', scope };
  return { POST: need, PUT: need, PATCH: need, DELETE: need };
}

function administers(...methods: Method[]): Needs {
  return Object.fromEntries(methods.map((method) => [method, { role: 'admin', scope: 'admin' }]));
}

const tasks: Needs = { ...reads('tasks:read'), ...changes('tasks:write') };
const files: Needs = { ...reads('files:read'), ...changes('files:write') };

/** Who answers what. */
export const passedOnRoutes: readonly Route[] = [
  { path: '/v1/files', service: 'file', timeout: 60_000, needs: files },
  { path: '/v1/versions', service: 'file', timeout: 30_000, needs: files },
  { path: '/v1/tasks', service: 'task', timeout: 60_000, needs: tasks },
  { path: '/v1/projects', service: 'task', timeout: 15_000, needs: tasks },
  { path: '/v1/search', service: 'mcp-sync', timeout: 15_000, needs: reads('search:read') },
  { path: '/v1/graph', service: 'mcp-sync', timeout: 15_000, needs: reads('search:read') },
  { path: '/v1/tags', service: 'mcp-sync', timeout: 15_000, needs: reads('search:read') },
  { path: '/v1/git', service: 'git', timeout: 60_000, needs: { ...reads('git:read'), ...changes('git:write') } },
  { path: '/v1/events', service: 'mcp-sync', timeout: 15_000, endless: true, needs: reads('events:read') },
  { path: '/v1/dlq', service: 'mcp-sync', timeout: 15_000, needs: administers('GET', 'HEAD', 'POST', 'DELETE') },
];

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
