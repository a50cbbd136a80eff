import { callJson, type Transport } from '../transport/call.ts';
import type { GitApi } from './api.ts';
import type { GitStatus, HistoryItem } from './schemas.ts';

/** The git service behind any transport. */
export function createGitClient(transport: Transport): GitApi {
  return {
    status: () => callJson<GitStatus>('git', transport, { method: 'GET', url: '/v1/git/status' }),
    async history(path, limit) {
      const url = `/v1/git/history?${new URLSearchParams({ path, limit: String(limit) })}`;
      return (await callJson<{ items: HistoryItem[] }>('git', transport, { method: 'GET', url })).items;
    },
  };
}
