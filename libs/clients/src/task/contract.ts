import { anyReader, changes, type Needs, reads } from '../access/needs.ts';
import { defineContract } from '../contract.ts';

const tasks: Needs = { ...reads('tasks:read'), ...changes('tasks:write') };

/** Tasks, those in notes and those in none. */
export const taskContract = defineContract({
  name: 'task',
  port: 8003,
  routes: [
    { path: '/v1/tasks', timeout: 60_000, needs: tasks },
    { path: '/v1/projects', timeout: 15_000, needs: tasks },
  ],
  internalRoutes: { 'GET /internal/status': anyReader, 'GET /internal/verification': anyReader },
  queues: [{ name: 'task_sync', exchange: 'events', patterns: ['vault.file.*'] }],
  publishes: ['task.'],
  tools: [],
  jobs: {},
  schedules: [],
});
