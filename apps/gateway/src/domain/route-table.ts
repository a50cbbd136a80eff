export interface Route {
  prefix: string;
  service: string;
  /** Milliseconds for which the answer's beginning is waited for. */
  timeout: number;
  /** A stream that may be silent for as long as it likes once it has begun. */
  endless?: boolean;
}

/** Who answers what: every path under `/v1` that the gateway passes on. */
export const routeTable: readonly Route[] = [
  { prefix: '/v1/files', service: 'file', timeout: 60_000 },
  { prefix: '/v1/versions', service: 'file', timeout: 30_000 },
  { prefix: '/v1/search', service: 'mcp-sync', timeout: 15_000 },
  { prefix: '/v1/graph', service: 'mcp-sync', timeout: 15_000 },
  { prefix: '/v1/tags', service: 'mcp-sync', timeout: 15_000 },
  { prefix: '/v1/events', service: 'mcp-sync', timeout: 15_000, endless: true },
];
