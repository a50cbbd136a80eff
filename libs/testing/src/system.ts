import { join } from 'node:path';
import { hasCaughtUp } from '@weave-nn/clients';
import { type Database, openDatabase } from '@weave-nn/database';
import type { ServiceDefinition } from '@weave-nn/service';
import { type Api, createApi } from './api.ts';
import { type Deployed, deployInProcess, deployProcesses } from './deployed.ts';
import { temporaryFolder, writeFiles } from './folders.ts';
import { claimServers, type OwnServers } from './own-servers.ts';
import { type Shape, testShape } from './shape.ts';
import { until } from './until.ts';

/** The key of every system under test. */
export const testKey = 'a-key-for-tests-0123456789abcdef';

/** A whole system on a vault and a data directory of its own, in the shape that the run tests. */
export interface TestSystem extends Api {
  vault: string;
  data: string;
  shape: Shape;
  /** The processes it runs in, by what they are called. */
  pids: Readonly<Record<string, number>>;
  /** Its database where it is on PostgreSQL. */
  databaseUrl: string | undefined;
  /** Opens the database of a service, to look into it from outside. */
  openDatabase(service: string): Promise<Database>;
  /** Resolves once index and tasks have applied every event there is. */
  settled(): Promise<void>;
  /**
   * Stops it and starts it anew on the same folders.
   *
   * @param early uses it as soon as it listens, before it is ready
   */
  restart(meanwhile?: () => void | Promise<void>, early?: Early): Promise<TestSystem>;
  /** Stops it and removes its folders. */
  stop(): Promise<void>;
}

type Early = (api: Api) => Promise<void>;

export interface SystemOptions {
  definitions: readonly ServiceDefinition[];
  files?: Readonly<Record<string, string | Uint8Array>>;
  /** Makes the vault ready before the system is started on it. */
  prepare?: (vault: string) => void;
  environment?: Readonly<Record<string, string>>;
  /** Another shape than the run's, for what can only be seen in it. */
  shape?: Shape;
}

interface Place {
  vault: ReturnType<typeof temporaryFolder>;
  data: ReturnType<typeof temporaryFolder>;
  servers: OwnServers | undefined;
  shape: Shape;
}

/** Starts a system with these files in its vault, and waits until it is ready. */
export async function startSystem(options: SystemOptions): Promise<TestSystem> {
  const { shape = testShape } = options;
  const place: Place = {
    vault: temporaryFolder('vault'),
    data: temporaryFolder('data'),
    servers: shape === 'embedded' ? undefined : await claimServers(),
    shape,
  };
  writeFiles(place.vault.path, options.files ?? {});
  options.prepare?.(place.vault.path);
  return startOn(options, place);
}

async function startOn(options: SystemOptions, place: Place, early?: Early): Promise<TestSystem> {
  const { vault, data, servers, shape } = place;
  const environment = {
    VAULT_PATH: vault.path,
    DATA_DIR: data.path,
    PORT: '0',
    LOG_LEVEL: 'silent',
    WEAVE_API_KEY: testKey,
    WATCH_QUIET_MS: '20',
    ...servers?.environment,
    ...options.environment,
  };
  const { PORT: _, ...withoutPort } = environment;
  const running: Deployed =
    shape === 'processes'
      ? await deployProcesses(withoutPort)
      : await deployInProcess(options.definitions, environment);
  const api = createApi(running.url, testKey);
  try {
    await early?.(api);
    await until('ready', async () => (await api.call('/v1/system')).json.status === 'ready');
  } catch (error) {
    await running.stop();
    throw error;
  }
  return {
    ...api,
    vault: vault.path,
    data: data.path,
    shape,
    pids: running.pids,
    databaseUrl: servers?.databaseUrl,
    openDatabase(service) {
      const schema = service.replaceAll('-', '_');
      return openDatabase(
        servers
          ? { url: servers.databaseUrl, schema, poolSize: 2 }
          : { url: `file:${join(data.path, `${service}.db`)}` },
      );
    },
    async settled() {
      await until('index and tasks have caught up', async () => {
        return hasCaughtUp((await api.call('/v1/system')).json);
      });
    },
    async restart(meanwhile = () => undefined, next) {
      await running.stop();
      await meanwhile();
      return startOn(options, place, next);
    },
    async stop() {
      await running.stop();
      await servers?.remove();
      vault.remove();
      data.remove();
    },
  };
}
