import { callJson, type Transport } from '../transport/call.ts';
import type { EveryServiceApi } from './api.ts';
import { toolPath } from './contract.ts';
import type { Job, Schedule, Tool } from './schemas.ts';

/** Milliseconds for which the answer of a tool is waited for. */
const TOOL_TIMEOUT_MS = 60_000;

/** What every service answers, of one of them behind any transport. */
export function createEveryServiceClient(service: string, transport: Transport): EveryServiceApi {
  const get = <Result>(url: string) => callJson<Result>(service, transport, { method: 'GET', url });
  const jobPath = (id: string) => `/internal/jobs/${encodeURIComponent(id)}`;
  return {
    jobs: {
      async list(query) {
        const given = Object.entries(query).filter(([, value]) => value !== undefined);
        const parameters = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]));
        return (await get<{ items: Job[] }>(`/internal/jobs?${parameters}`)).items;
      },
      find: (id) => get<Job>(jobPath(id)),
      cancel: (id) => callJson<Job>(service, transport, { method: 'POST', url: `${jobPath(id)}/cancel` }),
    },
    schedules: async () => (await get<{ items: Schedule[] }>('/internal/schedules')).items,
    tools: {
      list: async () => (await get<{ items: Tool[] }>('/internal/mcp/tools')).items,
      call: (name, input) =>
        callJson(service, transport, {
          method: 'POST',
          url: toolPath(name),
          body: input,
          timeout: TOOL_TIMEOUT_MS,
        }),
    },
  };
}
