import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceDefinition } from '@weave-nn/service';
import { beforeAll, describe, expect, test } from 'vitest';
import { systemPackagesOf } from '../images.ts';
import { makeSecrets } from '../make-secrets.ts';
import { readServices } from '../services.ts';
import { checkSettings } from '../settings.ts';
import { type ComposeService, checkComposeSchema, readCompose } from './compose.ts';

const workspace = join(import.meta.dirname, '../../..');
const pathOf = (name: string) => join(workspace, 'docker', name);
const files = ['compose.yml', 'compose.embedded.yml', 'compose.dev.yml'];
const hasCompose = spawnSync('docker', ['compose', 'version'], { stdio: 'ignore' }).status === 0;

const compose = readCompose(pathOf('compose.yml'));
const embedded = readCompose(pathOf('compose.embedded.yml'));
const own = (services: Record<string, ComposeService>) => Object.entries(services).filter(([, { build }]) => build);
const ownServices = [...own(compose.services), ...own(embedded.services)];

let services: ServiceDefinition[];
beforeAll(async () => {
  services = await readServices(workspace);
});

describe.each(files)('docker/%s', (name) => {
  const file = readCompose(pathOf(name));

  test('is what the Compose Specification allows', () => {
    expect(checkComposeSchema(file)).toEqual([]);
    expect(checkComposeSchema({ ...file, services: { one: { imagine: 'x' } } })).not.toEqual([]);
  });

  test('names no volume, network, secret or service that it does not have', () => {
    for (const service of Object.values(file.services)) {
      const volumes = (service.volumes ?? []).map((volume) => volume.split(':')[0]);
      for (const volume of volumes.filter((each) => /^[a-z]+$/.test(each ?? '')))
        expect(file.volumes).toHaveProperty([volume ?? '']);
      for (const network of service.networks ?? []) expect(file.networks).toHaveProperty([network]);
      for (const secret of service.secrets ?? []) {
        expect(file.secrets).toHaveProperty([typeof secret === 'string' ? secret : secret.source]);
      }
      for (const needed of Object.keys(service.depends_on ?? {})) expect(file.services).toHaveProperty([needed]);
    }
  });

  test('says how each container is seen to be well, and of which version each image is', () => {
    for (const [service, { healthcheck, image = '' }] of Object.entries(file.services)) {
      expect(healthcheck?.test, service).toBeDefined();
      expect(image, service).toMatch(/:\d+(\.\d+)*(-alpine)?$/);
    }
  });

  test('lets nothing be reached from other machines unasked', () => {
    for (const { ports = [] } of Object.values(file.services)) {
      for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
    }
  });

  test.runIf(hasCompose)('is read by Docker Compose', () => {
    const env = { ...process.env, WEAVE_VAULT: '/notes' };
    const { status, stderr } = spawnSync('docker', ['compose', '-f', pathOf(name), 'config', '--quiet'], {
      env,
      encoding: 'utf8',
    });
    expect(stderr).toBe('');
    expect(status).toBe(0);
  });
});

describe('the system as containers', () => {
  test('has every service that the code has', () => {
    const names = services.map(({ name }) => name);
    expect(
      own(compose.services)
        .map(([name]) => name)
        .sort(),
    ).toEqual([...names].sort());
  });

  test('tells every service what it must know, and nothing that it does not read', () => {
    const problems = services.flatMap((definition) =>
      checkSettings(definition, compose.services[definition.name]?.environment ?? {}),
    );
    expect(problems).toEqual([]);
    expect(checkSettings(services[0] as ServiceDefinition, { FIEL_SERVICE_URL: 'x' })).toEqual([
      'file is given FIEL_SERVICE_URL, which it does not read',
      expect.stringContaining('SERVICE_SIGNING_KEY'),
    ]);
  });

  test('finds each service at the port that it listens on', () => {
    const addresses = Object.values(compose.services).flatMap(({ environment = {} }) =>
      Object.entries(environment).filter(([name]) => name.endsWith('_SERVICE_URL')),
    );
    const expected = services.map(({ name, port }) => `http://${name}:${port}`);
    for (const [, address] of addresses) expect(expected).toContain(address);
    const { port } = services.find(({ name }) => name === 'gateway') as ServiceDefinition;
    for (const file of [compose.services.gateway, embedded.services.weave]) {
      expect(file?.ports?.every((each) => each.endsWith(`:${port}`))).toBe(true);
    }
  });

  test('keeps passwords in files, which are made', () => {
    const made = Object.keys(makeSecrets({ postgresql: 'a', rabbitmq: 'b', redis: 'c' }));
    for (const [name, { file }] of Object.entries(compose.secrets ?? {})) {
      expect(file).toBe(`./secrets/${name}`);
      expect(made).toContain(name);
    }
    for (const [name, { environment = {}, secrets = [] }] of Object.entries(compose.services)) {
      for (const [variable, value] of Object.entries(environment)) {
        if (!variable.endsWith('_FILE')) expect(variable, name).not.toMatch(/(PASSWORD|KEY|TOKEN)$/);
        else if (value.startsWith('/run/secrets/')) expect(secrets).toContain(value.slice('/run/secrets/'.length));
      }
    }
    expect(readFileSync(join(workspace, '.gitignore'), 'utf8')).toContain('docker/secrets/');
  });

  test.each(ownServices)('confines %s and gives it time to stop', (_name, service) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      user: '1000:1000',
      restart: 'unless-stopped',
      stop_grace_period: '15s',
      build: { context: '..', dockerfile: 'docker/Dockerfile' },
    });
    expect(service.mem_limit).toBeDefined();
    expect(service.healthcheck?.test).toEqual(['CMD', 'node', '/app/health.mjs', '/ready']);
  });

  test.each(ownServices)('builds %s from the app of that name', (name, { build, image }) => {
    const packages = systemPackagesOf(workspace, name).join(' ');
    expect(build?.args).toEqual({ APP: name, ...(packages === '' ? {} : { SYSTEM_PACKAGES: packages }) });
    expect(image).toMatch(new RegExp(`^weave-nn/${name}:`));
  });
});
