import { anyReader, changes, type Needs, reads } from '../access/needs.ts';
import { defineContract } from '../contract.ts';

const files: Needs = { ...reads('files:read'), ...changes('files:write') };

/** The vault: its files, and an event for every change of one. */
export const fileContract = defineContract({
  name: 'file',
  port: 8001,
  routes: [
    { path: '/v1/files', timeout: 60_000, needs: files },
    { path: '/v1/versions', timeout: 30_000, needs: files },
  ],
  // Each scope is one of a public route of another service that does its work by this call.
  internalRoutes: {
    'GET /internal/status': anyReader,
    'GET /internal/manifest': anyReader,
    'GET /internal/verification': anyReader,
    'POST /internal/files::read': {
      role: 'reader',
      scopes: ['files:read', 'files:write', 'tasks:read', 'tasks:write', 'search:read', 'git:read', 'git:write'],
    },
    'POST /internal/files::apply': { role: 'editor', scopes: ['files:write', 'tasks:write', 'git:write'] },
  },
  queues: [],
  publishes: ['vault.file.'],
  tools: [],
  jobs: {},
  schedules: [],
});
