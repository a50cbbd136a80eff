import { join } from 'node:path';
import { contracts, serviceNeedOf } from '@weave-nn/clients';
import { fileService } from '@weave-nn/file/service';
import { createProcess } from '@weave-nn/service';
import {
  type Api,
  createApi,
  followEvents,
  runCommand,
  type SpawnedSystem,
  spawnSystem,
  startSystem,
  type TestSystem,
  temporaryFolder,
  testKey,
  testShape,
  until,
  writeFiles,
} from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { services } from '../src/services.ts';

let system: TestSystem;

beforeAll(async () => {
  system = await startSystem({ definitions: services, files: { 'A.md': 'a\n' } });
  await system.settled();
});
afterAll(() => system.stop());

async function make(request: object): Promise<{ id: string; secret: string; api: Api }> {
  const { json } = await system.post('/v1/auth/keys', { name: 'test', ...request });
  return { id: json.id, secret: json.secret, api: createApi(system.url, json.secret) };
}

describe('every route of a service', () => {
  test('is one that the service itself checks a role for', async () => {
    const { json } = await system.call('/openapi.json');
    const own = ['/v1/context', '/v1/system', '/v1/auth', '/v1/jobs'];
    for (const [path, item] of Object.entries(json.paths as Record<string, object>)) {
      if (own.some((prefix) => path.startsWith(prefix))) continue;
      for (const method of Object.keys(item)) {
        const pattern = path.replace(/:(?=\w)/, '::');
        const needs = contracts.flatMap((contract) => serviceNeedOf(contract, method.toUpperCase(), pattern) ?? []);
        const [need] = needs;
        expect(needs, `${method} ${path}`).toHaveLength(1);
        expect(need?.scopes, `${method} ${path}`).toHaveLength(1);
        if (method !== 'get') expect(need?.role, `${method} ${path}`).not.toBe('reader');
      }
    }
  });
});

describe('every route that is described', () => {
  test('wants a key, and one that may', async () => {
    const { json } = await system.call('/openapi.json');
    const operations = Object.entries(json.paths as Record<string, object>).flatMap(([path, item]) =>
      Object.keys(item).map((method) => ({
        method: method.toUpperCase(),
        path: path.replaceAll(/\{\w+\}/g, 'x'),
      })),
    );
    expect(operations.length).toBeGreaterThan(20);
    const { api: follower } = await make({ role: 'admin', scopes: ['events:read'] });
    const { api: keeper } = await make({ role: 'admin', scopes: ['admin'] });
    for (const { method, path } of operations) {
      // Which jobs a key may see is a question of their kinds.
      if (path.startsWith('/v1/jobs')) continue;
      const narrowed = path === '/v1/events' ? keeper : follower;
      const operation = `${method} ${path}`;
      expect((await fetch(system.url + path, { method })).status, operation).toBe(401);
      expect((await narrowed.call(path, { method })).json, operation).toMatchObject({
        status: 403,
        code: 'scope-missing',
      });
    }
  });
});

describe('a key', () => {
  test('of a reader reads and searches, and changes nothing', async () => {
    const { api } = await make({ role: 'reader' });
    for (const path of ['/v1/files', '/v1/files/A.md', '/v1/search?q=a', '/v1/tags', '/v1/system']) {
      expect((await api.call(path)).status, path).toBe(200);
    }
    const refused = [
      await api.put('A.md', 'changed\n'),
      await api.put('New.md', 'new\n'),
      await api.call('/v1/files/A.md', { method: 'DELETE' }),
      await api.call('/v1/files/No.md', { method: 'DELETE' }),
      await api.post('/v1/files:move', { from: 'A.md', to: 'B.md' }),
      await api.post('/v1/files:batch?dryRun=true', { operations: [] }),
      await api.call('/v1/system/rebuild', { method: 'POST' }),
    ];
    for (const { json } of refused) expect(json).toMatchObject({ status: 403, code: 'role-too-low' });
    expect((await system.call('/v1/files/A.md')).text).toBe('a\n');
  });

  test('lets the event of a change say who made it', async () => {
    const { id, api } = await make({ role: 'editor', scopes: ['files:write'] });
    const stream = await followEvents(system, '?type=vault.file.*');
    expect((await api.put('By a key.md', 'k\n', { 'user-agent': 'notes/1.0' })).status).toBe(201);
    await system.put('By the system.md', 's\n');
    await until('both events', () => stream.events.length === 2);
    const made = stream.events.map(({ event }) => [event.subject, event.data.actor, event.data.client]);
    expect(made).toContainEqual(['By a key.md', `key:${id}`, 'notes/1.0']);
    expect(made).toContainEqual(['By the system.md', 'key:default', expect.any(String)]);
    await stream.close();
  });

  test.each([
    [['files:read'], ['backlinks', 'tasks', 'commits']],
    [
      ['files:read', 'search:read'],
      ['tasks', 'commits'],
    ],
    [
      ['files:read', 'tasks:read'],
      ['backlinks', 'commits'],
    ],
    [
      ['files:read', 'git:read', 'admin'],
      ['backlinks', 'tasks'],
    ],
    [['files:read', 'search:read', 'tasks:read', 'git:read'], []],
    [
      ['files:read', 'search:read', 'tasks:write', 'git:write'],
      ['tasks', 'commits'],
    ],
    [[], []],
  ])('with the scopes %j is shown no part of the context of a note beyond them', async (scopes, forbidden) => {
    const { api } = await make({ role: 'admin', scopes });
    const { status, json } = await api.call('/v1/context/A.md');
    expect(status).toBe(200);
    expect(json.note).toMatchObject({ path: 'A.md' });
    expect(json.unavailable).toEqual([]);
    expect(json.forbidden).toEqual(forbidden);
    const absent = ['note', 'backlinks', 'tasks', 'commits'].filter((part) => json[part] === null);
    expect(absent).toEqual(forbidden);
  });

  test('follows only events of what its scopes let it read', async () => {
    const follow = async (scopes: string[], query = '') => {
      const { secret } = await make({ role: 'reader', scopes });
      return followEvents(system, query, { authorization: `Bearer ${secret}` });
    };
    const files = await follow(['events:read', 'files:read']);
    const tasks = await follow(['events:read', 'tasks:read']);
    const all = await follow([]);
    expect(files.headers.get('x-forbidden-types')).toContain('task.created');
    expect(files.headers.get('x-forbidden-types')).not.toContain('vault.file');
    expect(all.headers.get('x-forbidden-types')).toBeNull();
    await system.put('Followed.md', '- [ ] Followed\n');
    const has = (stream: typeof all, type: string) =>
      stream.events.some(({ event }) => event.type === type && JSON.stringify(event).includes('Followed'));
    await until('both events', () => has(all, 'vault.file.created') && has(all, 'task.created'));
    await until('each its own', () => has(files, 'vault.file.created') && has(tasks, 'task.created'));
    expect(files.events.map(({ type }) => type)).not.toContain('task.created');
    expect(tasks.events.map(({ type }) => type)).not.toContain('vault.file.created');
    for (const stream of [files, tasks, all]) await stream.close();
    const refused = await follow(['events:read', 'files:read'], '?type=task.*');
    expect(refused.status).toBe(403);
    await refused.close();
  });

  test('stays what it is when the system starts anew', async () => {
    const kept = await make({ role: 'reader' });
    const revoked = await make({ role: 'reader' });
    await system.call(`/v1/auth/keys/${revoked.id}`, { method: 'DELETE' });
    system = await system.restart();
    expect((await createApi(system.url, kept.secret).call('/v1/files')).status).toBe(200);
    expect((await createApi(system.url, revoked.secret).call('/v1/files')).json.code).toBe('key-revoked');
  });
});

test('a service that runs alone takes nobody who does not come through the gateway', async () => {
  const data = temporaryFolder('data');
  const alone = await createProcess({
    definitions: [fileService],
    version: 'test',
    environment: {
      VAULT_PATH: system.vault,
      DATA_DIR: data.path,
      PORT: '0',
      LOG_LEVEL: 'silent',
      SERVICE_SIGNING_KEY: 'a-signing-key-for-tests-0123456789abcdef',
    },
  });
  try {
    const url = await alone.start();
    for (const headers of [{}, { authorization: `Bearer ${testKey}` }, { 'x-weave-identity': 'forged' }] as Record<
      string,
      string
    >[]) {
      for (const path of ['/v1/files', '/v1/files/A.md', '/internal/manifest', '/nothing']) {
        const answer = await fetch(url + path, { headers });
        expect(answer.status, path).toBe(401);
        expect(await answer.json()).toMatchObject({ code: 'identity-missing' });
      }
    }
    expect((await fetch(`${url}/health`)).status).toBe(200);
  } finally {
    await alone.stop();
    data.remove();
  }
});

// The command line is of the one process, whatever shape the rest runs in.
if (testShape === 'embedded') {
  describe('weave keys', () => {
    const file = join(import.meta.dirname, '../src/main.ts');
    const vault = temporaryFolder('vault');
    const data = temporaryFolder('data');
    let running: SpawnedSystem;

    beforeAll(async () => {
      writeFiles(vault.path, { 'A.md': 'a\n' });
      running = await spawnSystem({ file, vault: vault.path, data: data.path });
    });
    afterAll(async () => {
      await running.kill('SIGTERM');
      vault.remove();
      data.remove();
    });

    const keys = (...args: string[]) =>
      runCommand(file, ['keys', ...args, '--vault', vault.path, '--data', data.path], { WEAVE_API_KEY: testKey });

    test('makes a key, lists it and revokes it', async () => {
      expect((await keys('list')).stdout).toBe('no keys but the one of the system\n');
      const made = await keys('create', 'Ada', '--role', 'editor', '--scope', 'files:read', 'search:read');
      expect(made.exitCode).toBe(0);
      const [, secret = '', id = ''] = /^Key {2}(weave_([0-9a-f]{32})_\S{43}) /.exec(made.stdout) ?? [];
      const api = createApi(running.url, secret);
      expect((await api.call('/v1/files')).status).toBe(200);
      expect((await keys('list')).stdout).toContain(`${id}  Ada: editor (files:read, search:read), `);
      const revoked = await keys('revoke', id);
      expect(revoked).toMatchObject({ exitCode: 0, stdout: `${id} is revoked\n` });
      expect((await api.call('/v1/files')).status).toBe(401);
      expect((await keys('list')).stdout).toContain('revoked 2');
    });

    test('prints JSON', async () => {
      const made = await keys('create', 'n8n', '--expires', '2999-01-31', '--json');
      const key = JSON.parse(made.stdout);
      expect(key).toMatchObject({ name: 'n8n', role: 'reader', scopes: [], expiresAt: '2999-01-31T00:00:00.000Z' });
      const { secret, ...shown } = key;
      expect(secret).toContain(key.prefix);
      expect(JSON.parse((await keys('list', '--json')).stdout).items).toContainEqual(shown);
      expect(JSON.parse((await keys('revoke', key.id, '--json')).stdout)).toEqual({ id: key.id, revoked: true });
    });

    test.each([
      ['an id that is unknown', ['revoke', 'unknown'], 1, 'there is no key with this id'],
      ['an expiry that is past', ['create', 'x', '--expires', '2001-01-01'], 2, 'expiresAt must be in the future'],
      ['an expiry that is no time', ['create', 'x', '--expires', 'soon'], 2, '--expires: expected a time'],
      ['a role that is none', ['create', 'x', '--role', 'owner'], 2, 'reader, editor, admin'],
      ['a scope that is none', ['create', 'x', '--scope', 'all'], 2, 'files:read'],
      ['no name', ['create'], 2, 'name'],
      ['a command that is none', ['show'], 2, 'show'],
    ])('with %s ends with a line that says so', async (_case, args, exitCode, message) => {
      const result = await keys(...args);
      expect(result.exitCode).toBe(exitCode);
      expect(result.stderr).toContain(message);
    });

    test('says that nothing runs, or that the key may not', async () => {
      const nowhere = await runCommand(file, ['keys', 'list', '--vault', vault.path, '--data', '/nowhere'], {});
      expect(nowhere.exitCode).toBe(1);
      const { secret } = JSON.parse((await keys('create', 'reader', '--json')).stdout);
      const result = await runCommand(file, ['keys', 'list', '--vault', vault.path, '--data', data.path], {
        WEAVE_API_KEY: secret,
      });
      expect(result).toMatchObject({ exitCode: 1, stderr: 'weave: This needs the role admin.\n' });
    });
  });
}
