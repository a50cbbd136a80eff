import { callJson, type Transport } from './call.ts';
import type { Verification } from './file.ts';
import type { IndexStatus, McpSyncApi, RebuildResult } from './mcp-sync.ts';

/** Goes through the whole index. */
const LONG = 600_000;

/** The mcp-sync service behind any transport. */
export function createMcpSyncClient(transport: Transport): McpSyncApi {
  return {
    status: () => callJson<IndexStatus>('mcp-sync', transport, { method: 'GET', url: '/internal/status' }),
    verify: () =>
      callJson<Verification>('mcp-sync', transport, { method: 'GET', url: '/internal/verification', timeout: LONG }),
    rebuild: () =>
      callJson<RebuildResult>('mcp-sync', transport, { method: 'POST', url: '/internal/rebuild', timeout: LONG }),
  };
}
