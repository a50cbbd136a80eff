import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  addressesOf,
  claimServers,
  createApi,
  freePort,
  hasServers,
  type OwnServers,
  type ServiceProcess,
  startServiceProcess,
  temporaryFolder,
  testKey,
  until,
} from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const NOTES = 30;
const isolated = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };

describe.runIf(await hasServers())('two copies of the git service', () => {
  const [vault, data] = [temporaryFolder('vault'), temporaryFolder('data')];
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: vault.path, encoding: 'utf8', env: { ...process.env, ...isolated } });
  const processes: ServiceProcess[] = [];
  let servers: OwnServers;
  let start: (copy: 0 | 1) => ServiceProcess;
  let api: ReturnType<typeof createApi>;

  beforeAll(async () => {
    git('init', '-q', '-b', 'main');
    servers = await claimServers();
    const numbers = await Promise.all(Array.from({ length: 6 }, freePort));
    const [file = 0, one = 0, two = 0, mcpSync = 0, task = 0, gateway = 0] = numbers;
    const addresses = addressesOf({ file, task, git: one, 'mcp-sync': mcpSync, gateway });
    addresses.GIT_SERVICE_URL += `,http://127.0.0.1:${two}`;
    const shared = { ...servers.environment, ...isolated, VAULT_PATH: vault.path };
    mkdirSync(join(data.path, 'all'), { recursive: true });
    start = (copy) => {
      const started = startServiceProcess({
        service: 'git',
        port: [one, two][copy] ?? 0,
        data: data.path,
        environment: { ...shared, FILE_SERVICE_URL: addresses.FILE_SERVICE_URL ?? '', GIT_COMMIT_QUIET_MS: '30' },
      });
      processes.push(started);
      return started;
    };
    const { GIT_SERVICE_URL = '', FILE_SERVICE_URL = '', MCP_SYNC_SERVICE_URL = '' } = addresses;
    processes.push(
      startServiceProcess({ service: 'file', port: file, data: data.path, environment: shared }),
      startServiceProcess({
        service: 'gateway',
        port: gateway,
        data: data.path,
        environment: {
          ...servers.environment,
          WEAVE_API_KEY: testKey,
          GIT_SERVICE_URL,
          FILE_SERVICE_URL,
          MCP_SYNC_SERVICE_URL,
        },
      }),
    );
    api = createApi(`http://127.0.0.1:${gateway}`, testKey);
  }, 60_000);
  afterAll(async () => {
    await Promise.all(processes.map((each) => each.end('SIGKILL')));
    await servers.remove();
    vault.remove();
    data.remove();
  });

  test('make each commit once, also when one is killed and the other takes over', async () => {
    const first = start(0);
    start(1);
    await until('both answer', async () => {
      const answers = await Promise.all(processes.map(({ url }) => fetch(`${url}/health`)));
      return answers.every(({ ok }) => ok);
    });
    for (let count = 0; count < NOTES; count++) {
      await until('it is written', async () => (await api.put(`Notes/${count}.md`, `${count}\n`)).status === 201);
      if (count === NOTES / 2) await first.end('SIGKILL');
    }
    await until(
      'all is committed',
      async () => {
        const { json } = await api.call('/v1/git/status');
        return json.pending.changes === 0 && git('status', '--porcelain') === '';
      },
      40_000,
    );
    const events = git('log', '--format=%(trailers:key=Weave-Event,valueonly)').trim().split(/\s+/);
    expect(events).toHaveLength(NOTES);
    expect(new Set(events).size).toBe(NOTES);
    const trees = git('log', '--format=%T').trim().split('\n');
    expect(new Set(trees).size).toBe(trees.length);
    expect(git('fsck', '--no-dangling').trim()).toBe('');
    expect((await api.post('/v1/git/commit', {})).json).toEqual({ commits: [], blocked: [] });
  }, 90_000);
});
