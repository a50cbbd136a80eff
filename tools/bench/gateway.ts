import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { claimServers, freePort, startServiceProcess, until } from '@weave-nn/testing';
import { Pool } from 'undici';
import { startChild } from './children.ts';
import type { Figure } from './figure.ts';
import { median } from './statistics.ts';

const KEY = 'a-key-for-drills-0123456789abcdef';
const ROUNDS = 5;
const CONNECTIONS = 32;
const ROUND_MS = 3_000;
const WANTED = 0.85;

/** Requests a second, so many at a time, for some seconds. */
async function measure(pool: Pool): Promise<number> {
  const end = performance.now() + ROUND_MS;
  let count = 0;
  async function ask() {
    while (performance.now() < end) {
      const { statusCode, body } = await pool.request({
        method: 'GET',
        path: '/v1/files',
        headers: { authorization: `Bearer ${KEY}` },
      });
      await body.dump();
      if (statusCode !== 200) throw new Error(`answered ${statusCode}`);
      count++;
    }
  }
  const started = performance.now();
  await Promise.all(Array.from({ length: CONNECTIONS }, ask));
  return (count * 1_000) / (performance.now() - started);
}

/** The gateway with keys, limits and metrics before a service in another process, against a bare proxy with none. */
export const gateway: Figure = async ({ scratch }) => {
  const data = join(scratch, 'gateway');
  mkdirSync(data);
  const servers = await claimServers();
  const upstream = await startChild('bare-upstream.ts');
  const proxy = await startChild('bare-proxy.ts', upstream.url);
  const ours = startServiceProcess({
    service: 'gateway',
    port: await freePort(),
    data,
    environment: {
      WEAVE_API_KEY: KEY,
      RATE_LIMIT: '1000000',
      AUTH_RATE_LIMIT: '10',
      ...servers.environment,
      FILE_SERVICE_URL: upstream.url,
      MCP_SYNC_SERVICE_URL: upstream.url,
    },
  });
  const pools = [ours.url, proxy.url, upstream.url].map((url) => new Pool(url, { connections: CONNECTIONS }));
  try {
    await until('the gateway listens', async () => ours.hasEnded() || (await fetch(`${ours.url}/health`)).ok);
    if (ours.hasEnded()) throw new Error(ours.output());
    const rates: number[][] = [[], [], []];
    for (let round = 0; round <= ROUNDS; round++) {
      for (const [index, pool] of pools.entries()) {
        const rate = await measure(pool);
        // The first round warms all up.
        if (round > 0) rates[index]?.push(rate);
      }
    }
    const [gatewayRate = 0, proxyRate = 0, upstreamRate = 0] = rates.map(median);
    const show = (rate: number) => `${Math.round(rate)} requests/s`;
    return [
      {
        name: 'gateway',
        ours: show(gatewayRate),
        baseline: `${show(proxyRate)} (bare http-proxy)`,
        ratio: gatewayRate / proxyRate,
        wanted: `≥ ${WANTED} ×`,
        ok: gatewayRate / proxyRate >= WANTED,
        notes: [`the upstream alone: ${show(upstreamRate)}`],
      },
    ];
  } finally {
    await Promise.all(pools.map((pool) => pool.destroy()));
    await ours.end('SIGTERM');
    await Promise.all([proxy.stop(), upstream.stop()]);
    await servers.remove();
  }
};
