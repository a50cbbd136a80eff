import { administers, type Needs, reads } from '../access/needs.ts';
import { defineContract, type OwnRoute } from '../contract.ts';

const open: Needs = { GET: 'nothing', HEAD: 'nothing' };

/** The way in. What it answers itself is in `gatewayRoutes`; all else it passes on. */
export const gatewayContract = defineContract({
  name: 'gateway',
  port: 8000,
  routes: [],
  internalRoutes: {},
  queues: [],
  publishes: [],
  tools: [],
  jobs: {},
  schedules: [],
});

/** What the gateway answers itself. */
export const gatewayRoutes: readonly OwnRoute[] = [
  { path: '/v1/context/*', needs: reads('files:read') },
  { path: '/v1/system', needs: reads('system:read') },
  { path: '/v1/system/check', needs: administers('GET', 'HEAD') },
  { path: '/v1/system/rebuild', needs: administers('POST') },
  // Each kind of jobs has needs of its own, which its service checks.
  { path: '/v1/jobs', needs: { GET: { role: 'reader' }, HEAD: { role: 'reader' } } },
  { path: '/v1/jobs/:id', needs: { GET: { role: 'reader' }, HEAD: { role: 'reader' } } },
  { path: '/v1/jobs/:id/cancel', needs: { POST: { role: 'reader' } } },
  { path: '/v1/auth/keys', needs: administers('GET', 'HEAD', 'POST') },
  { path: '/v1/auth/keys/:id', needs: administers('DELETE') },
  { path: '/health', needs: open },
  { path: '/ready', needs: open },
  { path: '/metrics', needs: open },
  { path: '/openapi.json', needs: open },
  { path: '/docs', below: true, needs: open },
];
