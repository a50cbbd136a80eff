import swaggerUi from '@fastify/swagger-ui';
import { defineService } from '@weave-nn/service';
import { GatewaySettings } from './config.ts';
import { statuses } from './errors.ts';
import { passOnRoutes } from './routes/pass-on.ts';
import { reachables } from './routes/reach.ts';
import { addSecurity } from './routes/security.ts';
import { systemRoutes } from './routes/system.ts';

const LARGEST_BODY = 128 * 1024 * 1024;

/** The way in: keys, limits, headers, and every request to the service that answers it. */
export const gatewayService = defineService({
  name: 'gateway',
  port: 8000,
  settings: GatewaySettings,
  statuses,
  bodyLimit: LARGEST_BODY,
  facesClients: true,
  needs: ['file', 'mcp-sync'],

  /** `/v1/vaults/{vaultId}/…` is the same as `/v1/…` for this vault; for any other there is no route. */
  rewriteUrl(url, vaultId) {
    const prefix = `/v1/vaults/${vaultId}/`;
    return url.startsWith(prefix) ? `/v1/${url.slice(prefix.length)}` : url;
  },

  create({ settings, mounted, upstreams, identity, clients, version, vaultId, secret }) {
    const apiKey = settings.WEAVE_API_KEY ?? secret('api-key').value;
    return {
      async routes(app) {
        await addSecurity(app, { settings, apiKey });
        await app.register(swaggerUi, { routePrefix: '/docs', uiConfig: { url: '/openapi.json' }, staticCSP: true });
        passOnRoutes(app, { mounted, upstreams, identity });
        systemRoutes(app, { services: reachables(mounted, upstreams), clients, version, vaultId });
      },
      dependencies: {
        /** Services in other processes may be away: what needs them is refused, the rest goes on. */
        async services() {
          for (const { name, app } of mounted.values()) {
            if (name === 'gateway') continue;
            const answer = await app.inject('/ready');
            if (answer.statusCode !== 200) throw new Error(`${name} is not ready`);
          }
        },
      },
    };
  },
});
