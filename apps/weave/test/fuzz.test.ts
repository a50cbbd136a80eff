import { startSystem, type TestSystem, testKey, until } from '@weave-nn/testing';
import { fuzzFiles, runCampaign } from '@weave-nn/testing/fuzz';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { services } from '../src/services.ts';
import { isolated } from './fixture/repository.ts';

const seed = Number(process.env.FUZZ_SEED ?? 1);
const requests = Number(process.env.FUZZ_REQUESTS ?? (process.env.WEAVE_TEST_FULL === '1' ? 5_000 : 1_500));
const only = process.env.FUZZ_ONLY ?? '';
const LONGEST = 300_000;
const SHOWN = 40;

let system: TestSystem;

beforeAll(async () => {
  system = await startSystem({
    definitions: services,
    files: fuzzFiles,
    environment: { GIT_AUTO_INIT: 'true', GIT_COMMIT_QUIET_MS: '1000', ...isolated },
  });
  await system.settled();
});
afterAll(() => system.stop());

test(
  'every operation answers whatever it is sent with a status that it documents, in time, and the system stays ready',
  async () => {
    const started = performance.now();
    const { sent, findings, statuses } = await runCampaign({ url: system.url, key: testKey, seed, requests, only });
    const report = findings
      .slice(0, SHOWN)
      .map(({ operation, problem, request }) => `${operation}\n  ${problem}\n  ${request}`);
    if (process.env.FUZZ_SHOW) {
      for (const [name, counts] of statuses)
        console.log(name, [...counts].map(([status, count]) => `${status}:${count}`).join(' '));
      console.log(`${sent} requests in ${Math.round(performance.now() - started)} ms`);
    }
    expect(sent).toBeGreaterThanOrEqual(requests);
    expect(report, `${findings.length} findings with FUZZ_SEED=${seed} FUZZ_REQUESTS=${requests}`).toEqual([]);
    await until('the system is ready', async () => (await system.call('/ready')).status === 200);
    await system.settled();
    expect((await system.call('/v1/system')).json).toMatchObject({ status: 'ready' });
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  },
  LONGEST,
);
