import { request } from 'node:http';
import { followEvents, startSystem, type TestSystem, testKey, until } from '@weave-nn/testing';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { services } from '../src/services.ts';

let system: TestSystem;

beforeAll(async () => {
  system = await startSystem({ definitions: services, files: { 'A.md': 'a\n' } });
  await system.settled();
});
afterAll(() => system.stop());

const bare = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(system.url + path, { method, headers });

/** Sends a request line as it is, since `fetch` would tidy it up. */
function rawStatus(path: string): Promise<{ status: number; body: string }> {
  const { hostname, port } = new URL(system.url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, headers: { authorization: `Bearer ${testKey}` } }, (answer) => {
      let body = '';
      answer.on('data', (chunk) => {
        body += chunk;
      });
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** Everything that a document has under `schema` or `schemas`, with where it is. */
function schemasIn(value: unknown, place: string): [string, unknown][] {
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, member]): [string, unknown][] => {
    const at = `${place}/${key}`;
    if (key === 'schema') return [[at, member]];
    if (key === 'schemas') return Object.entries(member).map(([name, schema]) => [`${at}/${name}`, schema]);
    return schemasIn(member, at);
  });
}

describe('the gateway', () => {
  test.each(['/v1/files', '/v1/files/A.md', '/v1/files/No.md', '/v1/system', '/v1/events', '/v1/nothing', '/nothing'])(
    'lets nobody to %s without the key, and hints at nothing',
    async (path) => {
      for (const headers of [{}, { authorization: 'Bearer wrong' }, { authorization: `Basic ${testKey}` }]) {
        const answer = await bare(path, headers as Record<string, string>);
        expect(answer.status).toBe(401);
        expect(answer.headers.get('www-authenticate')).toContain('Bearer');
        expect(answer.headers.get('content-type')).toContain('application/problem+json');
        expect(await answer.text()).not.toContain('A.md');
      }
    },
  );

  test('takes nobody for a service who says so', async () => {
    const answer = await bare('/v1/files', { 'x-weave-identity': 'forged' });
    expect(answer.status).toBe(401);
    const internal = await system.call('/internal/manifest');
    expect(internal.json).toMatchObject({ status: 404, code: 'route-not-found' });
  });

  test('is alive, ready and measured without a key', async () => {
    expect(await (await bare('/health')).json()).toEqual({ status: 'ok' });
    const ok = { status: 'ok' };
    expect(await (await bare('/ready')).json()).toMatchObject({
      status: 'ready',
      dependencies: { database: ok, file: ok, task: ok, git: ok, 'mcp-sync': ok },
    });
    const metrics = await (await bare('/metrics')).text();
    const [measured, lag] =
      system.shape === 'processes' ? ['gateway', 'process_cpu'] : ['file', 'weave_index_lag_events'];
    expect(metrics).toContain(`weave_http_request_duration_seconds_count{service="${measured}"`);
    expect(metrics).toContain(lag);
  });

  test('answers with security headers and a request id, and allows no other origin', async () => {
    const answer = await system.call('/v1/files', {
      headers: { origin: 'https://evil.example', 'x-request-id': 'mine' },
    });
    expect(answer.headers.get('x-request-id')).toBe('mine');
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff');
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    for (const path of ['/v1/system', '/v1/nothing', '/docs/']) {
      const { headers } = await system.call(path);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    }
    const odd = await system.call('/v1/files', { headers: { 'x-request-id': 'a b"c' } });
    expect(odd.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test('describes every route in one OpenAPI 3.1 document', async () => {
    const { json } = await system.call('/openapi.json');
    expect(json.openapi).toBe('3.1.0');
    expect(Object.keys(json.paths)).toEqual(
      expect.arrayContaining([
        '/v1/files',
        '/v1/files/{path}',
        '/v1/files:move',
        '/v1/search',
        '/v1/graph/backlinks/{path}',
        '/v1/events',
        '/v1/system',
      ]),
    );
    expect(Object.keys(json.paths).some((path) => path.startsWith('/internal'))).toBe(false);
    for (const item of Object.values<Record<string, { responses: object }>>(json.paths)) {
      for (const { responses } of Object.values(item)) {
        expect(Object.keys(responses)).toEqual(expect.arrayContaining(['4XX', '503', '504']));
      }
    }
    expect(json.components.responses.Problem.content).toHaveProperty('application/problem+json');
    expect(Object.keys(json.paths['/v1/files/{path}'].get.responses)).toEqual(
      expect.arrayContaining(['200', '206', '304']),
    );
    expect(json.paths['/v1/files/{path}'].get.parameters).toContainEqual(
      expect.objectContaining({ in: 'path', name: 'path' }),
    );
    const docs = await bare('/docs/');
    expect(docs.status).toBe(200);
    expect(await docs.text()).toContain('swagger-ui');
  });

  test('describes every request and answer with what is a JSON Schema', async () => {
    const { json } = await system.call('/openapi.json');
    const ajv = new Ajv2020({ strict: false });
    const schemas = schemasIn(json, '');
    expect(schemas.length).toBeGreaterThan(100);
    for (const [place, schema] of schemas) {
      expect(ajv.validateSchema(schema as object), `${place}: ${ajv.errorsText()}`).toBe(true);
    }
  });

  test('says how every service is', async () => {
    const { json } = await system.call('/v1/system');
    expect(json).toMatchObject({
      status: 'ready',
      vaultId: 'default',
      index: { files: 1, waiting: 0, deadLetters: 0 },
    });
    const mode = system.shape === 'processes' ? 'remote' : 'mounted';
    expect(json.services.map((each: Record<string, string>) => `${each.name} ${each.mode} ${each.status}`)).toEqual([
      `file ${mode} ready`,
      `git ${mode} ready`,
      `task ${mode} ready`,
      `mcp-sync ${mode} ready`,
    ]);
    expect(Object.keys(json.services[0].dependencies)).toEqual(['database', 'broker', 'cache', 'vault', 'process']);
  });

  test('gives a note with its backlinks and tasks in one answer, without commits where there is no repository', async () => {
    await system.put('Context/Target.md', '---\nstatus: open\n---\n# Target\n\n- [ ] Water it\n');
    await system.put('Context/Source.md', 'To [[Target]].\n');
    await system.settled();
    const json = await until('its task is found', async () => {
      const answer = await system.call('/v1/context/Context/Target.md');
      return answer.json.tasks.length > 0 && answer.json;
    });
    expect(json).toMatchObject({
      path: 'Context/Target.md',
      note: { frontmatter: { status: 'open' }, headings: [{ text: 'Target' }] },
      backlinks: [{ source: 'Context/Source.md' }],
      tasks: [{ title: 'Water it', source: { path: 'Context/Target.md', line: 6, heading: 'Target' } }],
      commits: [],
      unavailable: [],
      forbidden: [],
    });
    expect((await system.call('/v1/context/Nowhere.md')).json).toMatchObject({ status: 404, code: 'file-not-found' });
    expect((await system.call('/v1/context/..%2Fx.md')).json).toMatchObject({
      status: 400,
      code: 'path-outside-vault',
    });
  });

  test.each(['data.json', 'picture.png', 'No file', 'archive.md.zip'])(
    'says of %s that it is no note, whatever the file contains',
    async (path) => {
      await system.put(path, '{"a":1}');
      const answer = await system.call(`/v1/context/${encodeURIComponent(path)}`);
      expect(answer.json).toMatchObject({ status: 422, code: 'not-a-note' });
    },
  );

  test('serves the one vault under its id as well, and no other', async () => {
    expect((await system.call('/v1/vaults/default/files/A.md')).text).toBe('a\n');
    expect((await system.call('/v1/vaults/other/files/A.md')).status).toBe(404);
  });

  test.each([
    '/v1/files/..%2F..%2Fetc%2Fpasswd',
    '/v1/files/..%252f..%252fetc%252fpasswd',
    '/v1/files/%2Fetc%2Fpasswd',
    '/v1/files/a/../../etc/passwd',
    '/v1/files/..%5C..%5Cetc%5Cpasswd',
    '/v1/files/C:%5CWindows',
    '/v1/files/a%00b.md',
    '/v1/files/%c0%ae%c0%ae/etc/passwd',
    '/v1/files/.weave/rules.yml',
    '/v1/files/a/./b.md',
    '/v1/files/a//b.md',
    '/v1/files/%zz',
  ])('refuses %s and reads nothing', async (path) => {
    const { status, body } = await rawStatus(path);
    expect(status).toBe(400);
    expect(JSON.parse(body).code).toMatch(/^(path-|url-)/);
    expect(body).not.toContain('root:');
  });

  test('refuses bodies that are malformed or too large', async () => {
    const json = { 'content-type': 'application/json' };
    const call = (body: string, headers: Record<string, string> = json) =>
      system.call('/v1/files:move', { method: 'POST', headers, body });
    expect((await call('{"from":')).json).toMatchObject({ status: 400, code: 'body-not-json' });
    expect((await call('{"from":1,"to":"x"}')).json).toMatchObject({ status: 400, errors: [{ field: 'body.from' }] });
    expect((await call('{"from":"a"}')).json.errors[0].field).toBe('body.to');
    expect((await call('x', { 'content-type': 'text/xml' })).status).toBe(415);
    const large = await system.put('Large.bin', new Uint8Array(129 * 1024 * 1024)).catch(() => ({ status: 413 }));
    expect(large.status).toBe(413);
  });
});

describe('the event stream', () => {
  test('resumes after the last event that was seen, without a gap or a repetition', async () => {
    const first = await followEvents(system);
    for (let index = 0; index < 5; index++) await system.put(`Stream/${index}.md`, `${index}\n`);
    await until('five events', () => first.events.length === 5);
    await first.close();
    for (let index = 5; index < 10; index++) await system.put(`Stream/${index}.md`, `${index}\n`);
    const second = await followEvents(system, '', { 'last-event-id': first.events[2]?.id ?? '' });
    await until('seven events', () => second.events.length === 7);
    expect(second.events.map(({ event }) => event.subject)).toEqual(
      [3, 4, 5, 6, 7, 8, 9].map((index) => `Stream/${index}.md`),
    );
    await second.close();
  });

  test('is filtered by type', async () => {
    const streams = await Promise.all(
      ['?type=vault.file.deleted&type=task.*', '?type=task.*,vault.file.deleted', '?type=*.*.deleted,%20git.%23'].map(
        (query) => followEvents(system, query),
      ),
    );
    await system.put('Filtered.md', 'x');
    await system.call('/v1/files/Filtered.md', { method: 'DELETE' });
    for (const { events, close } of streams) {
      await until('one event', () => events.length > 0);
      expect(events.map(({ type }) => type)).toEqual(['vault.file.deleted']);
      await close();
    }
  });

  test.each(['vault', 'vault.*', 'vault.file.deleted,nothing', '', 'vault.file.', 'TASK.*', 'task.*,'])(
    'refuses a type that no event has: %j',
    async (type) => {
      const answer = await system.call(`/v1/events?type=${encodeURIComponent(type)}`);
      expect(answer.json).toMatchObject({ status: 400, code: 'event-type-unknown' });
      expect(answer.json.detail).toContain('vault.file.created');
    },
  );

  test('refuses a position from before the log was made anew', async () => {
    const headers = { 'last-event-id': '99999999' };
    expect((await system.call('/v1/events', { headers })).json).toMatchObject({
      status: 400,
      code: 'position-invalid',
    });
  });

  test('refuses a position that is none', async () => {
    expect((await system.call('/v1/events', { headers: { 'last-event-id': 'x' } })).json.code).toBe('position-invalid');
  });

  test('ends when the system stops', async () => {
    const stream = await followEvents(system);
    system = await system.restart();
    await until('the stream has ended', stream.hasEnded);
  });
});

describe('limits and origins', () => {
  test('hold when they are set', async () => {
    const limited = await startSystem({
      definitions: services,
      environment: {
        RATE_LIMIT: '30',
        AUTH_RATE_LIMIT: '3',
        CORS_ORIGINS: 'https://notes.example',
        TRUSTED_PROXIES: 'loopback',
      },
    });
    try {
      const allowed = await limited.call('/v1/files', { headers: { origin: 'https://notes.example' } });
      expect(allowed.headers.get('access-control-allow-origin')).toBe('https://notes.example');
      const wrong = await Promise.all(
        Array.from({ length: 10 }, () => fetch(`${limited.url}/v1/files`, { headers: { authorization: 'Bearer no' } })),
      );
      expect(wrong.map(({ status }) => status)).toContain(429);
      const wrongFrom = async (address: string) => {
        const headers = { authorization: 'Bearer no', 'x-forwarded-for': address };
        return (await fetch(`${limited.url}/v1/files`, { headers })).status;
      };
      // Of each client's address, which the proxy that is trusted names; not of the proxy's own.
      expect(await wrongFrom('203.0.113.1')).toBe(401);
      await until('the client is kept out', async () => (await wrongFrom('203.0.113.1')) === 429);
      expect(await wrongFrom('203.0.113.2')).toBe(401);
      await until('the limit', async () => {
        const answers = await Promise.all(Array.from({ length: 40 }, () => limited.call('/v1/files')));
        const refused = answers.find(({ status }) => status === 429);
        return refused && refused.json.code === 'too-many-requests' && refused.headers.get('retry-after') !== null;
      });
    } finally {
      await limited.stop();
    }
  });
});
