import { fileURLToPath } from 'node:url';
import { gatewayContract } from '@weave-nn/clients';
import { defineService } from '@weave-nn/service';
import { GatewaySettings } from './config.ts';
import { createJobs } from './domain/jobs.ts';
import { createKeyRing, USE_INTERVAL } from './domain/key-ring.ts';
import { createKeys } from './domain/keys.ts';
import { statuses } from './errors.ts';
import { contextRoutes } from './routes/context.ts';
import { docsRoutes } from './routes/docs.ts';
import { forwardingRoutes } from './routes/forwarding/routes.ts';
import { jobRoutes } from './routes/jobs.ts';
import { keyRoutes } from './routes/keys.ts';
import { createLimits } from './routes/limits.ts';
import { reachables } from './routes/reach.ts';
import { addSecurity } from './routes/security.ts';
import { createServiceChecks } from './routes/service-checks.ts';
import { createStreamWatch } from './routes/stream-watch.ts';
import { systemRoutes } from './routes/system.ts';
import { type GatewayDatabase, clients as prismaClients } from './store/client.ts';
import { createKeyStore } from './store/keys.ts';

const needed = ['file', 'mcp-sync'] as const;
const LARGEST_BODY = 128 * 1024 * 1024;

/** The way in: keys, limits, headers, and every request to the service that answers it. */
export const gatewayService = defineService({
  contract: gatewayContract,
  settings: GatewaySettings,
  statuses,
  bodyLimit: LARGEST_BODY,
  facesClients: true,
  needs: needed,
  store: { migrations: fileURLToPath(new URL('../prisma/migrations', import.meta.url)), clients: prismaClients },

  /** `/v1/vaults/{vaultId}/…` is the same as `/v1/…` for this vault; for any other there is no route. */
  rewriteUrl(url, vaultId) {
    const prefix = `/v1/vaults/${vaultId}/`;
    return url.startsWith(prefix) ? `/v1/${url.slice(prefix.length)}` : url;
  },

  create({ settings, mounted, upstreams, identity, clients, version, vaultId, secret, runtime, log, ...context }) {
    const store = createKeyStore(context.database as GatewayDatabase, vaultId);
    const ring = createKeyRing({
      defaultKey: settings.WEAVE_API_KEY ?? secret('api-key').value,
      find: store.findByHash,
      recordUse: (id, at) => store.recordUse(id, at, at - USE_INTERVAL),
      runtime,
      report: (message, error) => log.warn({ err: error }, message),
    });
    const keys = createKeys({ store, ring, runtime });
    const services = reachables(mounted, upstreams);
    const jobs = createJobs(
      clients,
      services.map(({ name }) => name),
    );
    const watchStream = createStreamWatch(ring, runtime);
    return {
      async routes(app) {
        await addSecurity(app, { settings, ring, limits: createLimits(context.cache, settings, runtime) });
        const { tracer } = context;
        await forwardingRoutes(app, { mounted, upstreams, identity, tracer, watchStream });
        keyRoutes(app, keys);
        contextRoutes(app, { clients, runtime });
        systemRoutes(app, { services, clients, jobs, version, vaultId });
        jobRoutes(app, { jobs, runtime, watchStream, stopping: context.stopping });
        await docsRoutes(app, { services, version });
      },
      dependencies: createServiceChecks(services, needed, runtime),
    };
  },
});
