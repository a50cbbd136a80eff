import { createProcess, type ServiceDefinition } from '@weave-nn/service';
import {
  addressesOf,
  freePort,
  type SeparateService,
  type ServiceProcess,
  separateServices,
  startServiceProcess,
} from './service-processes.ts';

import { until } from './until.ts';

/** A system that runs, however it is put together. */
export interface Deployed {
  url: string;
  /** What another process is told of where the services are; empty when they are all in this one. */
  addresses: Readonly<Record<string, string>>;
  /** The processes it runs in, by what they are called. */
  pids: Readonly<Record<string, number>>;
  stop(): Promise<void>;
}

/** Starts everything in this process. */
export async function deployInProcess(
  definitions: readonly ServiceDefinition[],
  environment: Readonly<Record<string, string>>,
): Promise<Deployed> {
  const running = await createProcess({ definitions, version: 'test', environment });
  return { url: await running.start(), addresses: {}, pids: { weave: process.pid }, stop: running.stop };
}

async function listening({ service, url, hasEnded, output }: ServiceProcess): Promise<void> {
  await until(`${service} listens`, async () => hasEnded() || (await fetch(`${url}/health`)).ok);
  if (hasEnded()) throw new Error(`${service} ended at once:\n${output()}`);
}

/** Starts every service as a process of its own. */
export async function deployProcesses(environment: Readonly<Record<string, string>>): Promise<Deployed> {
  const { DATA_DIR: data = '', VAULT_PATH = '', WEAVE_API_KEY = '', ...shared } = environment;
  const numbers = await Promise.all(separateServices.map(() => freePort()));
  const ports = Object.fromEntries(separateServices.map((service, index) => [service, numbers[index]])) as Record<
    SeparateService,
    number
  >;
  const addresses = addressesOf(ports);
  const own: Partial<Record<SeparateService, Record<string, string>>> = {
    file: { VAULT_PATH },
    'mcp-sync': { FILE_SERVICE_URL: addresses.FILE_SERVICE_URL ?? '' },
    task: { FILE_SERVICE_URL: addresses.FILE_SERVICE_URL ?? '' },
    git: { VAULT_PATH, FILE_SERVICE_URL: addresses.FILE_SERVICE_URL ?? '' },
    gateway: { ...addresses, WEAVE_API_KEY },
  };
  const processes = separateServices.map((service) =>
    startServiceProcess({ service, port: ports[service], data, environment: { ...shared, ...own[service] } }),
  );
  try {
    for (const each of processes) await listening(each);
  } catch (error) {
    await Promise.all(processes.map((each) => each.end('SIGKILL')));
    throw error;
  }
  return {
    url: `http://127.0.0.1:${ports.gateway}`,
    addresses,
    pids: Object.fromEntries(processes.map(({ service, pid }) => [service, pid])),
    async stop() {
      const codes = await Promise.all(processes.reverse().map((each) => each.end('SIGTERM')));
      const failed = processes.filter((_, index) => codes[index] !== 0);
      if (failed.length > 0) {
        throw new Error(failed.map(({ service, output }) => `${service} did not end well:\n${output()}`).join('\n'));
      }
    },
  };
}
