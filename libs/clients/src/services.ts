/** The services that others call, by their names; the gateway only calls. */
export const serviceNames = ['file', 'task', 'git', 'mcp-sync', 'agent-tasks', 'n8n-bridge'] as const;

export type ServiceName = (typeof serviceNames)[number];

/** The beginning of a service's own variables: `MCP_SYNC` for `mcp-sync`. */
export function variablePrefix(service: string): string {
  return service.toUpperCase().replaceAll('-', '_');
}
