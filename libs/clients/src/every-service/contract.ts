import { anyReader, type ServiceNeed } from '../access/needs.ts';
import type { ServiceContract } from '../contract.ts';

/** Where a service answers calls of one of its MCP tools. */
export function toolPath(name: string): string {
  return `/internal/mcp/tools/${name}`;
}

/** What every service answers; who may see which job or tool is checked for each of them. */
const routes: Readonly<Record<string, ServiceNeed>> = {
  'GET /internal/jobs': anyReader,
  'GET /internal/jobs/:id': anyReader,
  'POST /internal/jobs/:id/cancel': anyReader,
  'GET /internal/schedules': anyReader,
  'GET /internal/mcp/tools': anyReader,
};

/**
 * What one of the routes that every service has needs.
 *
 * @param operation as in `GET /internal/jobs`
 * @returns undefined for any other route
 */
export function everyServiceNeed(
  { tools }: Pick<ServiceContract, 'tools'>,
  operation: string,
): ServiceNeed | undefined {
  return routes[operation] ?? tools.find(({ name }) => operation === `POST ${toolPath(name)}`)?.needs;
}
