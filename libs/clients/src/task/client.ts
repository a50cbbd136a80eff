import type { Verification } from '../file/schemas.ts';
import { callJson, type Transport } from '../transport/call.ts';
import type { TaskApi } from './api.ts';
import type { Task, TaskPage, TaskServiceStatus } from './schemas.ts';

/** Reads every note. */
const LONG = 600_000;

const pathOf = (id: string) => `/v1/tasks/${encodeURIComponent(id)}`;

/** The task service behind any transport. */
export function createTaskClient(transport: Transport): TaskApi {
  return {
    list(query) {
      const entries = Object.entries(query).map(([name, value]) => [name, String(value)] as const);
      const url = `/v1/tasks?${new URLSearchParams(Object.fromEntries(entries))}`;
      return callJson<TaskPage>('task', transport, { method: 'GET', url });
    },
    find: (id) => callJson<Task>('task', transport, { method: 'GET', url: pathOf(id) }),
    create: (body) => callJson<Task>('task', transport, { method: 'POST', url: '/v1/tasks', body }),
    change: (id, body, ifMatch) =>
      callJson<Task>('task', transport, {
        method: 'PATCH',
        url: pathOf(id),
        body,
        ...(ifMatch === undefined ? {} : { headers: { 'if-match': ifMatch } }),
      }),
    complete: (id) => callJson<Task>('task', transport, { method: 'POST', url: `${pathOf(id)}/complete` }),
    status: () => callJson<TaskServiceStatus>('task', transport, { method: 'GET', url: '/internal/status' }),
    verify: () =>
      callJson<Verification>('task', transport, { method: 'GET', url: '/internal/verification', timeout: LONG }),
  };
}
