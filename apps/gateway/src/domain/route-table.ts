/** Who answers what: every path under `/v1` that the gateway passes on, longest first where two begin alike. */
export const routeTable: readonly { prefix: string; service: string }[] = [
  { prefix: '/v1/files', service: 'file' },
  { prefix: '/v1/versions', service: 'file' },
  { prefix: '/v1/search', service: 'mcp-sync' },
  { prefix: '/v1/graph', service: 'mcp-sync' },
  { prefix: '/v1/tags', service: 'mcp-sync' },
  { prefix: '/v1/events', service: 'mcp-sync' },
];
