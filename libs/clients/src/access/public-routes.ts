import { administers, changes, type Needs, reads } from './needs.ts';

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

const tasks: Needs = { ...reads('tasks:read'), ...changes('tasks:write') };
const files: Needs = { ...reads('files:read'), ...changes('files:write') };

/** Who answers what. The gateway passes requests on by it, and each service checks again what it is asked. */
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

/** The passed-on route that a service's own route is below, by the pattern that the service has it under. */
export function publicRouteOf(pattern: string): Route | undefined {
  return passedOnRoutes.find(
    ({ path }) => pattern === path || pattern.startsWith(`${path}/`) || pattern.startsWith(`${path}::`),
  );
}
