import { changes, reads } from '../access/needs.ts';
import { defineContract } from '../contract.ts';

/** The vault's history. */
export const gitContract = defineContract({
  name: 'git',
  port: 8002,
  routes: [{ path: '/v1/git', timeout: 60_000, needs: { ...reads('git:read'), ...changes('git:write') } }],
  internalRoutes: {},
  queues: [{ name: 'git_auto_commit', exchange: 'events', patterns: ['vault.file.*'] }],
  publishes: ['git.'],
  tools: [],
  jobs: {},
  schedules: [],
});
