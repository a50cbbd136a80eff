import { createProcess, type ServiceDefinition, type WeaveProcess } from '@weave-nn/service';
import { type Api, createApi } from './api.ts';
import { temporaryFolder, writeFiles } from './folders.ts';
import { until } from './until.ts';

/** The key of every system under test. */
export const testKey = 'a-key-for-tests-0123456789abcdef';

/** A whole system in this process, on a vault and a data directory of its own. */
export interface TestSystem extends Api {
  vault: string;
  data: string;
  process: WeaveProcess;
  /** Resolves once the index has applied every event there is. */
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

interface SystemOptions {
  definitions: readonly ServiceDefinition[];
  files?: Readonly<Record<string, string | Uint8Array>>;
  environment?: Readonly<Record<string, string>>;
}

/** Starts a system with these files in its vault, and waits until it is ready. */
export async function startSystem(options: SystemOptions): Promise<TestSystem> {
  const vault = temporaryFolder('vault');
  const data = temporaryFolder('data');
  writeFiles(vault.path, options.files ?? {});
  return startOn(options, vault, data);
}

type Folder = ReturnType<typeof temporaryFolder>;

async function startOn(options: SystemOptions, vault: Folder, data: Folder, early?: Early): Promise<TestSystem> {
  const running = await createProcess({
    definitions: options.definitions,
    version: 'test',
    environment: {
      VAULT_PATH: vault.path,
      DATA_DIR: data.path,
      PORT: '0',
      LOG_LEVEL: 'silent',
      WEAVE_API_KEY: testKey,
      WATCH_QUIET_MS: '20',
      ...options.environment,
    },
  });
  const url = await running.start();
  const api = createApi(url, testKey);
  await early?.(api);
  await until('ready', async () => (await api.call('/ready')).status === 200);
  const system: TestSystem = {
    ...api,
    vault: vault.path,
    data: data.path,
    process: running,
    async settled() {
      await until('the index has caught up', async () => {
        const { index } = (await api.call('/v1/system')).json;
        return index.waiting === 0;
      });
    },
    async restart(meanwhile = () => undefined, early) {
      await running.stop();
      await meanwhile();
      return startOn(options, vault, data, early);
    },
    async stop() {
      await running.stop();
      vault.remove();
      data.remove();
    },
  };
  return system;
}
