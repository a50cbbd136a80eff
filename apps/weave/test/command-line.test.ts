import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { hasCaughtUp } from '@weave-nn/clients';
import {
  runCommand,
  type SpawnedSystem,
  spawnSystem,
  temporaryFolder,
  testKey,
  until,
  writeFiles,
} from '@weave-nn/testing';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';

const file = join(import.meta.dirname, '../src/main.ts');
const folders = new Set<{ remove(): void }>();
const running = new Set<SpawnedSystem>();
let vault: string;
let data: string;

beforeEach(() => {
  for (const name of ['vault', 'data'] as const) {
    const folder = temporaryFolder(name);
    folders.add(folder);
    if (name === 'vault') vault = folder.path;
    else data = folder.path;
  }
  writeFiles(vault, { 'A.md': '# Alpha\n\nfirst [[B]]\n', 'B.md': 'second #tagged\n' });
});
afterEach(async () => {
  for (const system of running) await system.kill('SIGKILL');
  running.clear();
});
afterAll(() => {
  for (const folder of folders) folder.remove();
});

const weave = (...args: string[]) =>
  runCommand(file, [...args, '--vault', vault, '--data', data], { WEAVE_API_KEY: testKey });

async function start(environment: Record<string, string> = {}): Promise<SpawnedSystem> {
  const system = await spawnSystem({ file, vault, data, environment });
  running.add(system);
  return system;
}

describe('weave', () => {
  test('migrates and ends, after which a start need not', async () => {
    const refused = await runCommand(file, ['start', '--vault', vault, '--data', data, '--port', '0'], {
      MIGRATE_ON_START: 'false',
    });
    expect(refused.exitCode).toBe(1);
    expect(refused.stderr).toMatch(/^weave-nn: the tables of file lack 001\.do\.file\.sql, .* argument migrate .*\n$/);
    const first = await weave('migrate');
    expect(first).toMatchObject({ exitCode: 0, stderr: '' });
    expect(first.stdout).toMatch(/^file: ran 001\.do\.file\.sql, .*\n(.*\n)*gateway: ran /);
    expect((await weave('migrate')).stdout).toMatch(/^(\S+: up to date\n)+$/);

    const system = await start({ MIGRATE_ON_START: 'false' });
    expect((await system.call('/v1/files/A.md')).status).toBe(200);
    expect((await weave('migrate')).stderr).toContain('is in use by process');
  });

  test('takes its key from a file', async () => {
    const key = join(data, 'key');
    writeFileSync(key, `${testKey}\n`);
    const system = await start({ WEAVE_API_KEY: '', WEAVE_API_KEY_FILE: key });
    expect((await system.call('/v1/files')).status).toBe(200);
    expect(system.output()).not.toContain(testKey);
  });

  test('says what runs, searches it and finds everything in agreement', async () => {
    await start();
    const status = await weave('status', '--json');
    expect(status.exitCode).toBe(0);
    expect(JSON.parse(status.stdout)).toMatchObject({ status: 'ready' });
    await until('indexed', async () => (await weave('search', 'second')).stdout.includes('B.md'));
    const found = await weave('search', 'tag:tagged', '--json');
    expect(JSON.parse(found.stdout).items[0].path).toBe('B.md');
    expect((await weave('search', 'first')).stdout).toMatch(/A\.md\n.*first.*\n1 found/);
    expect((await weave('search', 'nowhere')).exitCode).toBe(0);
    const doctor = await weave('doctor');
    expect(doctor.stdout).toContain('ok    vault and manifest: 2 agree');
    expect(doctor.stdout).toContain('ok    manifest and event log: 2 agree');
    expect(doctor.exitCode).toBe(0);
    expect(JSON.parse((await weave('rebuild', '--json')).stdout).files).toBe(2);
    expect((await weave('status')).stdout).toContain('2 files indexed, 0 events waiting');
  });

  test('looks at what a stopped system left, and finds what is wrong with it', async () => {
    const system = await start();
    await until('indexed', async () => (await system.search('second')).length === 1);
    await system.kill('SIGTERM');
    expect((await weave('doctor')).exitCode).toBe(0);
    writeFileSync(join(vault, 'A.md'), 'changed meanwhile\n');
    rmSync(join(vault, 'B.md'));
    const doctor = await weave('doctor', '--json');
    expect(doctor.exitCode).toBe(1);
    expect(doctor.stdout).toContain('A.md: its content is not what the manifest says');
    expect(doctor.stdout).toContain('B.md: in the manifest, not on disk');
  });

  test('says so when nothing runs, and when it is told something wrong', async () => {
    const status = await weave('status');
    expect(status.exitCode).toBe(1);
    expect(status.stderr).toContain('nothing runs on');
    expect((await weave('unknown')).exitCode).toBe(2);
    expect((await weave('search')).exitCode).toBe(2);
    expect((await runCommand(file, ['--version'])).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect((await runCommand(file, ['doctor', '--vault', '/nowhere'])).exitCode).toBe(1);
  });
});

describe('weave start', () => {
  test('makes a key that only the owner can read, shows it once, and logs it never', async () => {
    const system = await spawnOwnKey();
    const key = readFileSync(join(data, 'api-key'), 'utf8').trim();
    expect(statSync(join(data, 'api-key')).mode & 0o777).toBe(0o600);
    expect(system.output()).toContain(key);
    await system.kill('SIGTERM');
    const again = await spawnOwnKey();
    expect(again.output()).not.toContain(key);
    const answer = await fetch(`${again.url}/v1/files`, { headers: { authorization: `Bearer ${key}` } });
    expect(answer.status).toBe(200);
    await again.kill('SIGTERM');
  });
  const spawnOwnKey = () => start({ WEAVE_API_KEY: '', LOG_LEVEL: 'trace' });

  test.each([
    ['a vault that is missing', { VAULT_PATH: '/nowhere/at/all' }, 'VAULT_PATH: expected a folder that exists'],
    ['a port that is none', { PORT: 'eighty' }, 'PORT: expected a whole number from 0 to 65535, found "eighty"'],
    ['a key that is too short', { WEAVE_API_KEY: 'short' }, 'WEAVE_API_KEY: expected at least 16 characters'],
    ['a broker that is none', { RABBITMQ_URL: 'http://secret@host' }, 'RABBITMQ_URL: expected amqp://'],
    [
      'a broker that is away',
      { RABBITMQ_URL: 'amqp://guest:secret@127.0.0.1:1', RABBITMQ_WAIT_MS: '50' },
      '127.0.0.1:1',
    ],
    [
      'a service that is unknown',
      { MOUNT: 'file,toaster' },
      'MOUNT: expected some of file, mcp-sync, task, git, gateway',
    ],
    ['another process and no broker', { FILE_SERVICE_URL: 'http://127.0.0.1:1' }, 'RABBITMQ_URL: expected amqp://'],
    ['a part of the services and no shared key', { MOUNT: 'file' }, 'SERVICE_SIGNING_KEY: expected the key'],
    ['a log level that is none', { LOG_LEVEL: 'loud' }, 'LOG_LEVEL: expected one of'],
  ])('with %s ends with one line that says so', async (_case, environment, message) => {
    const result = await runCommand(file, ['start'], { VAULT_PATH: vault, DATA_DIR: data, PORT: '0', ...environment });
    expect(result.exitCode).toBe(message === '127.0.0.1:1' ? 1 : 2);
    expect(result.stderr).toContain(message);
    expect(result.stderr.trim().split('\n')).toHaveLength(1);
    expect(result.stderr).not.toMatch(/short|secret/);
  });

  test('refuses a vault that is a file', async () => {
    const result = await runCommand(file, ['start', '--vault', join(vault, 'A.md'), '--data', data]);
    expect(result.stderr).toContain('VAULT_PATH: expected a folder');
  });

  test('refuses a port in use', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const result = await weave('start', '--port', String(port));
    server.close();
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain(`port ${port} on 127.0.0.1 is in use`);
  });

  test("refuses a data directory in use, naming the other process's pid", async () => {
    const { pid } = await start();
    const result = await weave('start', '--port', '0');
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain(`in use by process ${pid}`);
  });

  test('stops on SIGTERM within 10 s with exit code 0, and twice asked as well', async () => {
    const system = await start();
    const stopped = performance.now();
    system.kill('SIGTERM');
    const { exitCode } = await system.kill('SIGTERM');
    expect(exitCode).toBe(0);
    expect(performance.now() - stopped).toBeLessThan(10_000);
  });
});

describe('kill -9', () => {
  test('in the middle of writes loses nothing that was acknowledged, and everything agrees again', async () => {
    const acknowledged = new Map<string, string>();
    const attempted = new Map<string, string[]>();
    for (let round = 0; round < 4; round++) {
      const system = await start();
      const dying = new Promise<void>((resolve) => setTimeout(resolve, 150 + round * 70)).then(() =>
        system.kill('SIGKILL'),
      );
      let alive = true;
      dying.then(() => {
        alive = false;
      });
      const client = async (name: number) => {
        for (let index = 0; alive; index++) {
          const path = `Client ${name}/${index % 7}.md`;
          const text = `${round} ${index} ${randomBytes(200).toString('hex')}\n`;
          attempted.set(path, [...(attempted.get(path) ?? []), text]);
          const answer = await system.put(path, text).catch(() => undefined);
          if (answer?.status === 200 || answer?.status === 201) {
            acknowledged.set(path, text);
            attempted.set(path, []);
          }
        }
      };
      await Promise.all([client(1), client(2), client(3), dying]);
      running.delete(system);
    }
    const system = await start();
    for (const [path, text] of acknowledged) {
      expect([text, ...(attempted.get(path) ?? [])], path).toContain(readFileSync(join(vault, path), 'utf8'));
    }
    expect(acknowledged.size).toBeGreaterThan(0);
    await until('all have caught up', async () => hasCaughtUp((await system.call('/v1/system')).json));
    const { checks } = (await system.call('/v1/system/check')).json;
    expect(checks.flatMap(({ disagreements }: { disagreements: unknown[] }) => disagreements)).toEqual([]);
    const left = () => readdirSync(vault, { recursive: true }).filter((name) => String(name).includes('.weave-tmp-'));
    await until('nothing temporary is left', () => left().length === 0);
  });
});
