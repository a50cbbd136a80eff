import { administers, anyReader, reads } from '../access/needs.ts';
import { defineContract } from '../contract.ts';

/** The read side: search, the link graph, the event log, dead letters. */
export const mcpSyncContract = defineContract({
  name: 'mcp-sync',
  port: 8004,
  routes: [
    { path: '/v1/search', timeout: 15_000, needs: reads('search:read') },
    { path: '/v1/graph', timeout: 15_000, needs: reads('search:read') },
    { path: '/v1/tags', timeout: 15_000, needs: reads('search:read') },
    { path: '/v1/events', timeout: 15_000, endless: true, needs: reads('events:read') },
    { path: '/v1/dlq', timeout: 15_000, needs: administers('GET', 'HEAD', 'POST', 'DELETE') },
  ],
  internalRoutes: {
    'GET /internal/status': anyReader,
    'GET /internal/verification': anyReader,
    'GET /internal/applied': anyReader,
    'POST /internal/rebuild': { role: 'admin', scopes: ['admin'] },
  },
  queues: [
    { name: 'mcp_sync', exchange: 'events', patterns: ['vault.file.*', 'task.*'] },
    { name: 'audit', exchange: 'events', patterns: ['#'] },
    { name: 'dlq', exchange: 'dead', patterns: ['#'] },
  ],
  publishes: [],
  tools: [],
  jobs: { 'index-rebuild': { role: 'admin', scopes: ['admin'] } },
  schedules: [],
});
