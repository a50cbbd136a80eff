import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type ServiceName, serviceNames, variablePrefix } from '@weave-nn/clients';

const apps = fileURLToPath(new URL('../../../apps', import.meta.url));
/** Where built apps are, which are started instead of the sources. */
const builtApps = process.env.WEAVE_BUILT_APPS;
const KEY = 'a-signing-key-for-tests-0123456789abcdef';
const OUTPUT_KEPT = 20_000;
const LOWEST_PORT = 10_000;
const HIGHEST_PORT = 32_000;

/** The services that run as processes of their own, each after those it depends on. */
export type SeparateService = ServiceName | 'gateway';
export const separateServices: readonly SeparateService[] = [...serviceNames, 'gateway'];

/** A service in a process of its own. */
export interface ServiceProcess {
  service: SeparateService;
  url: string;
  pid: number;
  /** The end of what it printed. */
  output(): string;
  hasEnded(): boolean;
  /** Sends a signal and waits for the process's end; answers its exit code, null when the signal ended it. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

/**
 * A port that nobody uses at the moment, below those that systems give connections that go out (from 32,768 on Linux):
 * one of them could take it before whoever asked listens there.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const server = createServer().listen(randomInt(LOWEST_PORT, HIGHEST_PORT), '127.0.0.1');
    try {
      await once(server, 'listening');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') continue;
      throw error;
    }
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    return port;
  }
}

function keepOutput(child: ChildProcess): () => string {
  let kept = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      kept = (kept + chunk.toString()).slice(-OUTPUT_KEPT);
    });
  }
  return () => kept;
}

/** The program of a service: built, where the run tests what was built, its source otherwise. */
function programOf(service: SeparateService): string {
  return builtApps === undefined ? join(apps, service, 'src/main.ts') : join(builtApps, service, 'main.js');
}

/**
 * Starts one service as a process.
 *
 * @param options.data a folder in which it gets one of its own
 * @param options.environment its settings, beside those that every one gets
 * @param options.under a command and its arguments that the process is run under, and becomes
 */
export function startServiceProcess(options: {
  service: SeparateService;
  port: number;
  data: string;
  environment: Readonly<Record<string, string>>;
  under?: readonly string[];
}): ServiceProcess {
  const { service, port, under = [] } = options;
  const [command = '', ...args] = [...under, process.execPath, programOf(service)];
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE, NODE_V8_COVERAGE } = process.env;
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(builtApps === undefined ? {} : { cwd: join(builtApps, service) }),
    env: {
      PATH,
      HOME,
      ...(NODE_COMPILE_CACHE ? { NODE_COMPILE_CACHE } : {}),
      ...(NODE_V8_COVERAGE ? { NODE_V8_COVERAGE } : {}),
      LOG_LEVEL: 'warn',
      SERVICE_SIGNING_KEY: KEY,
      DATA_DIR: join(options.data, `${service}-${port}`),
      PORT: String(port),
      ...options.environment,
    },
  });
  const output = keepOutput(child);
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  return {
    service,
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    output,
    hasEnded,
    async end(signal) {
      if (!hasEnded()) {
        const ended = once(child, 'exit');
        child.kill(signal);
        await ended;
      }
      return child.exitCode;
    },
  };
}

/** The addresses of the others that a service is told. */
export function addressesOf(ports: Readonly<Record<SeparateService, number>>): Record<string, string> {
  return Object.fromEntries(
    serviceNames.map((service) => [`${variablePrefix(service)}_SERVICE_URL`, `http://127.0.0.1:${ports[service]}`]),
  );
}
