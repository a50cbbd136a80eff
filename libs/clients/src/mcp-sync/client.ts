import type { JobReference } from '../every-service/schemas.ts';
import type { Verification } from '../file/schemas.ts';
import { callJson, encodePath, type Transport } from '../transport/call.ts';
import type { McpSyncApi } from './api.ts';
import type { GraphLink, IndexStatus } from './schemas.ts';

/** Milliseconds for the answer itself, beside what is waited for. */
const GRACE = 2_000;
/** Goes through the whole index. */
const LONG = 600_000;

/** The mcp-sync service behind any transport. */
export function createMcpSyncClient(transport: Transport): McpSyncApi {
  return {
    async backlinks(path, limit) {
      const url = `/v1/graph/backlinks/${encodePath('mcp-sync', path)}?limit=${limit}`;
      return (await callJson<{ items: GraphLink[] }>('mcp-sync', transport, { method: 'GET', url })).items;
    },
    status: () => callJson<IndexStatus>('mcp-sync', transport, { method: 'GET', url: '/internal/status' }),
    async waitApplied(path, sequence, timeout) {
      const query = new URLSearchParams({ path, sequence: String(sequence), timeout: String(timeout) });
      const call = { method: 'GET', url: `/internal/applied?${query}`, timeout: timeout + GRACE } as const;
      return (await callJson<{ applied: boolean }>('mcp-sync', transport, call)).applied;
    },
    verify: () =>
      callJson<Verification>('mcp-sync', transport, { method: 'GET', url: '/internal/verification', timeout: LONG }),
    rebuild: () => callJson<JobReference>('mcp-sync', transport, { method: 'POST', url: '/internal/rebuild' }),
  };
}
