import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  addressesOf,
  claimServers,
  freePort,
  type OwnServers,
  runCommand,
  type SeparateService,
  type ServiceProcess,
  separateServices,
  startServiceProcess,
  temporaryFolder,
  until,
} from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readCompose } from '../deploy/docker/compose.ts';
import { probePaths } from '../deploy/kubernetes/policies/services.ts';
import { readServices } from '../deploy/services.ts';
import { ranIn } from './ran-in.ts';

const workspace = join(import.meta.dirname, '../..');
const built = process.env.WEAVE_BUILT_APPS as string;
const { services: composed } = readCompose(join(workspace, 'docker/compose.yml'));
const folder = temporaryFolder('built');

let servers: OwnServers;
let ports: Record<SeparateService, number>;
const running: ServiceProcess[] = [];

/** The files of the secrets, with what leads to the servers of this test in them. */
function writeSecrets(environment: Readonly<Record<string, string>>): Record<string, string> {
  const values: Record<string, string> = {
    ...servers.environment,
    SERVICE_SIGNING_KEY: 'a-signing-key-in-a-file-0123456789abcdef',
    WEAVE_API_KEY: 'a-key-in-a-file-0123456789',
  };
  const files = Object.keys(environment).filter((name) => name.endsWith('_FILE'));
  return Object.fromEntries(
    files.map((name) => {
      const variable = name.slice(0, -'_FILE'.length);
      const file = join(folder.path, variable);
      writeFileSync(file, values[variable] ?? '');
      return [name, file];
    }),
  );
}

/** The environment that Compose gives a service, with addresses of this test in place of those of containers. */
function environmentOf(service: SeparateService): Record<string, string> {
  const environment = composed[service]?.environment ?? {};
  const addresses = addressesOf(ports);
  return {
    ...environment,
    ...Object.fromEntries(Object.entries(addresses).filter(([name]) => name in environment)),
    ...writeSecrets(environment),
    // Otherwise the starter's own, which is not in a file.
    SERVICE_SIGNING_KEY: '',
    ...(environment.VAULT_PATH ? { VAULT_PATH: folder.path } : {}),
    MIGRATE_ON_START: 'false',
    ...(service === 'file' ? { NODE_V8_COVERAGE: join(folder.path, 'coverage') } : {}),
  };
}

beforeAll(async () => {
  servers = await claimServers();
  const free = await Promise.all(separateServices.map(() => freePort()));
  ports = Object.fromEntries(separateServices.map((service, index) => [service, free[index]])) as typeof ports;
});
afterAll(async () => {
  await Promise.all(running.map((each) => each.end('SIGKILL')));
  await servers.remove();
  folder.remove();
});

describe('the built services', () => {
  test.each(separateServices)('are outside the workspace, with nothing of it but their packages: %s', (service) => {
    expect(join(built, service).startsWith(workspace)).toBe(false);
    const names = readdirSync(join(built, service)).filter((name) => name !== 'node_modules');
    const others = names.filter((name) => !/\.js(\.map)?$/.test(name));
    expect(others.sort()).toEqual(['assets', 'licences.txt', 'package-lock.json', 'package.json']);
    expect(names).toContain('main.js');
  });

  test('do not start before their tables are migrated', async () => {
    const environment = { ...environmentOf('task'), DATA_DIR: join(folder.path, 'unmigrated') };
    const refused = await runCommand(join(built, 'task/main.js'), [], environment);
    expect(refused.stderr).toMatch(/^weave-nn: the tables of task lack 001\.do\..* argument migrate .*\n$/);
    expect(refused.exitCode).toBe(1);
  });

  test.each(separateServices)('migrate their tables and end: %s', async (service) => {
    const program = join(built, service, 'main.js');
    const environment = { ...environmentOf(service), DATA_DIR: join(folder.path, `migrate-${service}`) };
    const first = await runCommand(program, ['migrate'], environment);
    expect(first).toMatchObject({ exitCode: 0, stderr: '' });
    expect(first.stdout).toMatch(new RegExp(`^${service}: ran 001\\.do\\..*\\n$`));
    expect((await runCommand(program, ['migrate'], environment)).stdout).toBe(`${service}: up to date\n`);
  });

  test.each(separateServices)('answer their probes, with the settings that containers get: %s', async (service) => {
    const started = startServiceProcess({
      service,
      port: ports[service],
      data: folder.path,
      environment: environmentOf(service),
    });
    running.push(started);
    await until(`${service} is ready`, async () => {
      if (started.hasEnded()) throw new Error(started.output());
      return (await fetch(started.url + probePaths.readinessProbe)).ok;
    });
    for (const path of Object.values(probePaths)) expect((await fetch(started.url + path)).status).toBe(200);
    const health = await runCommand(join(workspace, 'docker/health.mjs'), ['/ready'], {
      DATA_DIR: join(folder.path, `${service}-${ports[service]}`),
    });
    expect(health).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^200 .*"ready"/) });
  });

  test('let a key from a file in, and stop in order', async () => {
    const key = readFileSync(join(folder.path, 'WEAVE_API_KEY'), 'utf8');
    const gateway = running.find(({ service }) => service === 'gateway');
    const listed = await fetch(`${gateway?.url}/v1/files`, { headers: { authorization: `Bearer ${key}` } });
    expect(listed.status).toBe(200);
    expect((await fetch(`${gateway?.url}/v1/files`)).status).toBe(401);
    for (const each of [...running].reverse()) expect(await each.end('SIGTERM'), each.output()).toBe(0);
  });

  test('load nothing of a database that they do not use', () => {
    const ran = ranIn(join(folder.path, 'coverage'), 'file/main.js');
    expect(ran.some((name) => name.includes('node_modules/pg/'))).toBe(true);
    expect(ran.filter((name) => /src\/sqlite\/|@prisma\/adapter-(?!pg)/.test(name))).toEqual([]);
  });

  test('listen on the ports of the contract when nobody says another', async () => {
    const definitions = await readServices(workspace);
    expect(Object.fromEntries(definitions.map(({ name, port }) => [name, port]))).toMatchObject({
      gateway: 8000,
      file: 8001,
      'mcp-sync': 8004,
    });
    expect(existsSync(join(built, 'gateway/node_modules/@fastify/swagger-ui'))).toBe(true);
  });
});
