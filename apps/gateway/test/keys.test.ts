import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase } from '@weave-nn/database';
import { type Api, testKey, until } from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { needOf } from '../src/domain/route-table.ts';
import { createClock, type MovableClock } from './fixture/clock.ts';
import { startGateway, type TestGateway } from './fixture/gateway.ts';

let gateway: TestGateway;
let clock: MovableClock;

beforeAll(async () => {
  clock = createClock();
  gateway = await startGateway({ runtime: clock });
});
afterAll(() => gateway.stop());

async function make(request: object = {}, maker: Api = gateway, headers: Record<string, string> = {}) {
  const answer = await maker.post('/v1/auth/keys', { name: 'test', role: 'reader', ...request }, headers);
  expect(answer.json).toMatchObject({ id: expect.any(String) });
  return { id: answer.json.id as string, secret: answer.json.secret as string, api: gateway.as(answer.json.secret) };
}

const callKind = (api: Api, method: string, path: string) => api.call(path, { method });

describe('every route of the gateway', () => {
  test('is in the route table', () => {
    // What answers preflights stands for every path, and gets what no origin is allowed to ask.
    const routes = gateway.routes.filter(({ method }) => method !== 'OPTIONS');
    expect(routes.length).toBeGreaterThan(20);
    for (const { method, pattern } of routes) expect(needOf(method, pattern), `${method} ${pattern}`).toBeDefined();
  });

  test.each([
    ['GET', '/v1/files/Secret.md', 'admin'],
    ['PUT', '/v1/files/Secret.md', 'admin'],
    ['GET', '/v1/search?q=x', 'admin'],
    ['GET', '/v1/events', 'admin'],
    ['GET', '/v1/system', 'admin'],
    ['POST', '/v1/system/rebuild', 'events:read'],
    ['GET', '/v1/system/check', 'events:read'],
    ['GET', '/v1/auth/keys', 'events:read'],
    ['POST', '/v1/auth/keys', 'events:read'],
    ['DELETE', '/v1/auth/keys/unknown', 'events:read'],
  ])('refuses %s %s without a key, and with one of another scope or too low a role', async (method, path, scope) => {
    const without = await fetch(gateway.url + path, { method });
    expect(without.status).toBe(401);
    const { api: narrowed } = await make({ role: 'admin', scopes: [scope] });
    const answer = await callKind(narrowed, method, path);
    expect(answer.json).toMatchObject({ status: 403, code: 'scope-missing' });
    expect(answer.headers.get('www-authenticate')).toContain('insufficient_scope');
    if (scope === 'admin') return;
    const { api: reader } = await make();
    expect((await callKind(reader, method, path)).json).toMatchObject({ status: 403, code: 'role-too-low' });
  });

  test('that nobody has is answered so to any key, and to no one else', async () => {
    const { api } = await make({ scopes: ['events:read'] });
    for (const [method, path] of [
      ['GET', '/v1/nothing'],
      ['GET', '/internal/manifest'],
      ['POST', '/v1/search'],
      ['PUT', '/v1/auth/keys'],
      ['OPTIONS', '/v1/files'],
    ] as const) {
      expect((await callKind(api, method, path)).json).toMatchObject({ status: 404, code: 'route-not-found' });
      expect((await callKind(gateway, method, path)).json).toMatchObject({ status: 404, code: 'route-not-found' });
      expect((await callKind(gateway.as('wrong'), method, path)).status).toBe(401);
    }
  });
});

describe('a role', () => {
  test.each([
    ['reader', 'GET', 200],
    ['reader', 'HEAD', 200],
    ['reader', 'PUT', 403],
    ['reader', 'POST', 403],
    ['reader', 'PATCH', 403],
    ['reader', 'DELETE', 403],
    ['editor', 'GET', 200],
    ['editor', 'PUT', 200],
    ['editor', 'DELETE', 200],
    ['admin', 'PUT', 200],
  ])('%s may %s a file: %i', async (role, method, status) => {
    const { api } = await make({ role });
    expect((await callKind(api, method, '/v1/files/A.md')).status).toBe(status);
  });

  test('reader may not even ask what a change would do', async () => {
    const { api } = await make();
    expect((await api.call('/v1/files/A.md?dryRun=true', { method: 'PUT' })).json.code).toBe('role-too-low');
  });
});

describe('a principal', () => {
  test('reaches the service as the key that let it in, with its role and program', async () => {
    const { id, api } = await make({ role: 'editor', scopes: ['files:read'] });
    const answer = await api.call('/v1/files/A.md', { headers: { 'user-agent': 'notes/1.0' } });
    expect(answer.json).toMatchObject({
      service: 'file',
      principal: { id: `key:${id}`, role: 'editor', client: 'notes/1.0' },
    });
    const own = await gateway.call('/v1/search?q=x');
    expect(own.json).toMatchObject({ service: 'mcp-sync', principal: { id: 'key:default', role: 'admin' } });
  });

  test('is not whom the request says', async () => {
    const { id, api } = await make();
    const answer = await api.call('/v1/files/A.md', { headers: { 'x-weave-identity': 'forged' } });
    expect(answer.json.principal.id).toBe(`key:${id}`);
  });
});

describe('making a key', () => {
  test('answers everything but its hash, and the secret this once', async () => {
    const expiresAt = new Date(clock.now() + 3_600_000).toISOString();
    const body = { name: 'n8n', role: 'editor', scopes: ['files:read', 'search:read'], expiresAt };
    const answer = await gateway.post('/v1/auth/keys', body);
    expect(answer.status).toBe(201);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const { id, secret } = answer.json;
    expect(secret).toMatch(new RegExp(`^weave_${id}_[\\w-]{43}$`));
    const shown = {
      ...body,
      id,
      prefix: `weave_${id}`,
      createdAt: new Date(clock.now()).toISOString(),
      lastUsedAt: null,
      revokedAt: null,
    };
    expect(answer.json).toEqual({ ...shown, secret });
    const { json, text } = await gateway.call('/v1/auth/keys?limit=1000');
    expect(json.items.at(-1)).toEqual(shown);
    expect(text).not.toContain(secret);
    expect(text).not.toContain('hash');
  });

  test.each([
    ['no name', { name: undefined }, 'body.name'],
    ['an empty name', { name: '' }, 'body.name'],
    ['a name of spaces', { name: '   ' }, 'body.name'],
    ['a name with a NUL', { name: 'a\0b' }, 'body.name'],
    ['a name that is too long', { name: 'a'.repeat(201) }, 'body.name'],
    ['no role', { role: undefined }, 'body.role'],
    ['a role that is none', { role: 'owner' }, 'body.role'],
    ['a scope that is none', { scopes: ['files:all'] }, 'body.scopes.0'],
    ['a scope twice', { scopes: ['admin', 'admin'] }, 'body.scopes'],
    ['scopes that are text', { scopes: 'admin' }, 'body.scopes'],
    ['an expiry that is no time', { expiresAt: 'tomorrow' }, 'body.expiresAt'],
    ['an unknown field', { owner: 'me' }, 'body.owner'],
    ['an id', { id: '0'.repeat(32) }, 'body.id'],
  ])('refuses %s, naming the field', async (_case, wrong, field) => {
    const { json } = await gateway.post('/v1/auth/keys', { name: 'test', role: 'reader', ...wrong });
    expect(json).toMatchObject({ status: 400, code: 'request-invalid' });
    expect(json.errors.map((each: { field: string }) => each.field)).toContain(field);
  });

  test('refuses an expiry that is not to come', async () => {
    for (const time of [clock.now(), clock.now() - 1]) {
      const body = { name: 'test', role: 'reader', expiresAt: new Date(time).toISOString() };
      expect((await gateway.post('/v1/auth/keys', body)).json).toMatchObject({ status: 400, code: 'expiry-past' });
    }
  });

  test('hands on no more than the maker has', async () => {
    const { api } = await make({ role: 'admin', scopes: ['admin', 'files:read'] });
    const ask = async (body: object) =>
      (await api.post('/v1/auth/keys', { name: 'test', role: 'reader', ...body })).json;
    expect(await ask({ scopes: ['files:read'] })).toMatchObject({ scopes: ['files:read'] });
    expect(await ask({ scopes: ['files:write'] })).toMatchObject({ status: 403, code: 'scope-missing' });
    expect(await ask({})).toMatchObject({ status: 403, code: 'scope-missing' });
  });

  test('repeated with its Idempotency-Key makes one key, whose secret is shown once', async () => {
    const headers = { 'idempotency-key': 'a name of my own' };
    const ask = (body: object = {}, api: Api = gateway) =>
      api.post('/v1/auth/keys', { name: 'once', role: 'reader', ...body }, headers);
    const together = await Promise.all(Array.from({ length: 5 }, () => ask()));
    expect(together.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201]);
    const again = await ask();
    expect(again.json).toMatchObject({ id: together[0]?.json.id, secret: null });
    expect(new Set(together.map(({ json }) => json.id)).size).toBe(1);
    expect((await ask({ role: 'editor' })).json).toMatchObject({ status: 422, code: 'idempotency-key-reused' });
    const { api } = await make({ role: 'admin' });
    expect((await ask({}, api)).status).toBe(201);
  });

  test('refuses an Idempotency-Key that is empty or too long', async () => {
    for (const key of ['', 'k'.repeat(256)]) {
      const { json } = await gateway.post(
        '/v1/auth/keys',
        { name: 'test', role: 'reader' },
        { 'idempotency-key': key },
      );
      expect(json).toMatchObject({ status: 400, code: 'idempotency-key-invalid' });
    }
  });

  test('leaves the secret nowhere, neither in the data directory nor in the log', async () => {
    const { secret, api } = await make({}, gateway, { 'idempotency-key': 'for the secret' });
    await api.call('/v1/files');
    const random = secret.slice(-43);
    for (const file of readdirSync(gateway.data)) {
      expect(readFileSync(join(gateway.data, file)).includes(random), file).toBe(false);
    }
    expect(gateway.log.join('\n')).not.toContain(random);
    expect(gateway.log.join('\n')).toContain('key made');
  });
});

describe('the list of keys', () => {
  test('comes in the order of making, a page at a time, without gap or repetition', async () => {
    const made: string[] = [];
    for (let index = 0; index < 5; index++) made.push((await make({ name: `page ${index}` })).id);
    const listed: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const { json }: { json: { items: { id: string }[]; nextCursor: string | null } } = await gateway.call(
        `/v1/auth/keys?limit=2&cursor=${cursor}`,
      );
      expect(json.items.length).toBeLessThanOrEqual(2);
      listed.push(...json.items.map(({ id }) => id));
      cursor = json.nextCursor;
    }
    expect(listed.slice(-5)).toEqual(made);
    expect(new Set(listed).size).toBe(listed.length);
  });

  test.each(['x', 'AAAA', Buffer.from('a\0'.repeat(8)).toString('base64')])('refuses the cursor %s', async (cursor) => {
    const { json } = await gateway.call(`/v1/auth/keys?cursor=${encodeURIComponent(cursor)}`);
    expect(json).toMatchObject({ status: 400, code: 'cursor-invalid' });
  });

  test('says when a key was used last', async () => {
    const { id, api } = await make();
    await api.call('/v1/files');
    await until('the use is noted', async () => {
      const { json } = await gateway.call('/v1/auth/keys?limit=1000');
      const key = json.items.find((each: { id: string }) => each.id === id);
      return key.lastUsedAt === new Date(clock.now()).toISOString();
    });
  });
});

describe('revoking a key', () => {
  test('lets it in no more, at once, and is remembered', async () => {
    const { id, api } = await make();
    expect((await api.call('/v1/files')).status).toBe(200);
    const revoke = () => gateway.call(`/v1/auth/keys/${id}`, { method: 'DELETE' });
    const answer = await revoke();
    expect([answer.status, answer.text]).toEqual([204, '']);
    expect((await api.call('/v1/files')).json).toMatchObject({ status: 401, code: 'key-revoked' });
    clock.advance(1_000);
    expect((await revoke()).status).toBe(204);
    const { json } = await gateway.call('/v1/auth/keys?limit=1000');
    const revokedAt = new Date(clock.now() - 1_000).toISOString();
    expect(json.items.find((each: { id: string }) => each.id === id)).toMatchObject({ revokedAt });
  });

  test.each(['unknown', '0'.repeat(32), 'default', 'a%00b', '..%2f..'])(
    'says of %s that it is not there',
    async (id) => {
      const answer = await gateway.call(`/v1/auth/keys/${id}`, { method: 'DELETE' });
      expect(answer.json).toMatchObject({ status: 404, code: 'key-not-found' });
    },
  );
});

describe('a key that has expired', () => {
  test('lets nobody in', async () => {
    const { api } = await make({ expiresAt: new Date(clock.now() + 1_000).toISOString() });
    expect((await api.call('/v1/files')).status).toBe(200);
    clock.advance(1_000);
    const answer = await api.call('/v1/files');
    expect(answer.json).toMatchObject({ status: 401, code: 'key-expired' });
    expect(answer.headers.get('www-authenticate')).toContain('invalid_token');
  });
});

describe('an event stream', () => {
  async function follow(key: string) {
    const answer = await fetch(`${gateway.url}/v1/events`, { headers: { authorization: `Bearer ${key}` } });
    const reader = answer.body?.getReader();
    await reader?.read();
    let hasEnded = false;
    const end = () => {
      hasEnded = true;
    };
    reader?.closed.then(end, end);
    return { hasEnded: () => hasEnded, stop: () => reader?.cancel() };
  }

  test('ends when its key is revoked or has expired, and no other does', async () => {
    const revoked = await make();
    const expiring = await make({ expiresAt: new Date(clock.now() + 1_000).toISOString() });
    const kept = await make();
    const [one, two, three, own] = await Promise.all(
      [revoked.secret, expiring.secret, kept.secret, testKey].map(follow),
    );
    await gateway.call(`/v1/auth/keys/${revoked.id}`, { method: 'DELETE' });
    clock.advance(5_000);
    await until('both have ended', () => one?.hasEnded() && two?.hasEnded());
    clock.advance(5_000);
    expect((await kept.api.call('/v1/files')).status).toBe(200);
    expect([three?.hasEnded(), own?.hasEnded()]).toEqual([false, false]);
    await Promise.all([three?.stop(), own?.stop()]);
  });
});

describe('while keys cannot be looked up', () => {
  test('the key of the settings lets in, and others are told why they are not', async () => {
    const { api } = await make();
    const database = await openDatabase({ url: `file:${join(gateway.data, 'gateway.db')}` });
    await database.transaction((sql) => sql.run('ALTER TABLE api_key RENAME TO away'));
    try {
      const answer = await api.call('/v1/files');
      expect(answer.json).toMatchObject({ status: 503, code: 'keys-unavailable' });
      expect(answer.json.detail).toContain('statement-failed');
      expect(answer.headers.get('retry-after')).toBe('1');
      expect((await gateway.call('/v1/files')).status).toBe(200);
      expect((await gateway.as('wrong').call('/v1/files')).status).toBe(401);
      expect(gateway.log.join('\n')).toContain('keys cannot be looked up');
    } finally {
      await database.transaction((sql) => sql.run('ALTER TABLE away RENAME TO api_key'));
      await database.close();
    }
    expect((await api.call('/v1/files')).status).toBe(200);
  });
});

test('wrong keys are counted, also those of the right form', async () => {
  const limited = await startGateway({ environment: { AUTH_RATE_LIMIT: '3' } });
  try {
    const wrong = limited.as(`weave_${'0'.repeat(32)}_${'A'.repeat(43)}`);
    const answers = await Promise.all(Array.from({ length: 20 }, () => wrong.call('/v1/files')));
    expect(answers.map(({ status }) => status)).toContain(429);
  } finally {
    await limited.stop();
  }
});

describe('a valid key', () => {
  const many = 60;
  const guesses = ['wrong', `weave_${'0'.repeat(32)}_${'A'.repeat(43)}`];

  test.each([
    ['AUTH_RATE_LIMIT', { AUTH_RATE_LIMIT: '2' }],
    ['RATE_LIMIT', { RATE_LIMIT: '20' }],
    ['both', { AUTH_RATE_LIMIT: '2', RATE_LIMIT: '20' }],
  ])('is let in whatever others show from its address, with %s', async (_which, environment) => {
    const limited = await startGateway({ environment, runtime: createClock() });
    try {
      const { secret } = await make({}, limited);
      const answers = await Promise.all(
        Array.from({ length: many }, (_, index) => limited.as(guesses[index % 2] ?? '').call('/v1/files')),
      );
      const bare = await Promise.all(Array.from({ length: many }, () => fetch(`${limited.url}/v1/files`)));
      expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([401, 429]));
      if ('RATE_LIMIT' in environment) expect(bare.map(({ status }) => status)).toContain(429);
      expect((await limited.as(secret).call('/v1/files')).status).toBe(200);
      expect((await limited.call('/v1/files')).status).toBe(200);
    } finally {
      await limited.stop();
    }
  });

  test('is refused once it has itself asked too often', async () => {
    const limited = await startGateway({ environment: { RATE_LIMIT: '5' }, runtime: createClock() });
    try {
      const answers = await Promise.all(Array.from({ length: 20 }, () => limited.call('/v1/files')));
      expect(answers.map(({ status }) => status)).toContain(429);
    } finally {
      await limited.stop();
    }
  });
});
