import fc from 'fast-check';
import Fastify from 'fastify';
import { describe, expect, test } from 'vitest';
import type { App } from '../src/http/fastify-app.ts';
import { isDeeperThan, readJsonBodies } from '../src/http/json-body.ts';
import { createErrorHandler } from '../src/http/problems.ts';

function depthOf(value: unknown): number {
  if (value === null || typeof value !== 'object') return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

describe('the depth of a JSON text', () => {
  test('is that of its value, whatever its texts contain', () => {
    const values = fc.jsonValue({ maxDepth: 6, stringUnit: fc.constantFrom('[', '{', ']', '}', '"', '\\', 'a') });
    fc.assert(
      fc.property(values, fc.nat(6), fc.constantFrom(undefined, 2), (value, most, indent) => {
        expect(isDeeperThan(JSON.stringify(value, null, indent), most)).toBe(depthOf(value) > most);
      }),
    );
  });

  test.each(['"', '"[[[', '"\\', '"\\"[[[', ''])('is none where a text has no end: %j', (json) => {
    expect(isDeeperThan(json, 0)).toBe(false);
  });

  test('is found in time proportional to the length', () => {
    const started = performance.now();
    for (const part of ['"a"', '\\"', '\\\\"', '"', '[]', '{}']) isDeeperThan(part.repeat(1_000_000), 100);
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

describe('a JSON body', () => {
  async function send(payload: string, options = {}) {
    const app = Fastify();
    readJsonBodies(app as unknown as App, options);
    app.setErrorHandler(createErrorHandler({}));
    app.post('/', async ({ body }) => ({ body }));
    return app.inject({ method: 'POST', url: '/', headers: { 'content-type': 'application/json' }, payload });
  }
  const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

  test.each([
    ['20,000 arrays within each other', nested(20_000), 'body-too-deep'],
    ['101 arrays within each other', nested(101), 'body-too-deep'],
    ['20,000 objects within each other', `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`, 'body-too-deep'],
    ['20,000 arrays without an end', '['.repeat(20_000), 'body-too-deep'],
    ['a part that is no JSON', '[1,]', 'body-not-json'],
    ['nothing', '', 'body-empty'],
  ])('with %s is refused', async (_which, payload, code) => {
    expect((await send(payload)).json()).toMatchObject({ status: 400, code });
  });

  test.each(['{"__proto__":{"a":1}}', '{"constructor":{"prototype":{"a":1}}}'])(
    'that would change what all objects have is refused: %s',
    async (payload) => expect((await send(payload)).statusCode).toBe(400),
  );

  test('of 100 arrays within each other is taken', async () => {
    expect((await send(nested(100))).payload).toBe(`{"body":${nested(100)}}`);
  });

  test('may be empty where that is said', async () => {
    expect((await send('', { mayBeEmpty: true })).statusCode).toBe(200);
  });

  test('is refused by a check of its text', async () => {
    const check = () => {
      throw Object.assign(new Error('no'), { statusCode: 400 });
    };
    expect((await send('1', { check })).statusCode).toBe(400);
  });
});
