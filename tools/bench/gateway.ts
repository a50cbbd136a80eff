import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { claimServers, freePort, startServiceProcess, until } from '@weave-nn/testing';
import { Pool } from 'undici';
import { processorTime, startChild } from './children.ts';
import type { Figure } from './figure.ts';
import { startNginx } from './nginx.ts';
import { median } from './statistics.ts';

const KEY = 'a-key-for-drills-0123456789abcdef';
const ROUNDS = 5;
const CONNECTIONS = 32;
const ROUND_MS = 2_000;
const WANTED = 0.85;

/** What is measured: where it listens, and its process when what it costs is of interest. */
interface Side {
  pool: Pool;
  pid?: number;
  rates: number[];
  /** Microseconds of processor time a request. */
  costs: number[];
}

const openSide = (url: string, pid?: number): Side => ({
  pool: new Pool(url, { connections: CONNECTIONS }),
  rates: [],
  costs: [],
  ...(pid === undefined ? {} : { pid }),
});

/** Sends requests, so many at a time, for some seconds; the first round only warms up. */
async function measure({ pool, pid, rates, costs }: Side, round: number): Promise<void> {
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
  const used = pid === undefined ? 0 : processorTime(pid);
  const started = performance.now();
  await Promise.all(Array.from({ length: CONNECTIONS }, ask));
  if (round === 0) return;
  rates.push((count * 1_000) / (performance.now() - started));
  if (pid !== undefined) costs.push(((processorTime(pid) - used) * 1_000) / count);
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
  const nginx = await startNginx(scratch, upstream.url);
  const gatewaySide = openSide(ours.url, ours.pid);
  const proxySide = openSide(proxy.url, proxy.pid);
  const upstreamSide = openSide(upstream.url);
  const nginxSide = nginx && openSide(nginx.url);
  const sides = [gatewaySide, proxySide, upstreamSide, ...(nginxSide ? [nginxSide] : [])];
  try {
    await until('the gateway listens', async () => ours.hasEnded() || (await fetch(`${ours.url}/health`)).ok);
    if (ours.hasEnded()) throw new Error(ours.output());
    for (let round = 0; round <= ROUNDS; round++) for (const side of sides) await measure(side, round);
    const show = ({ rates }: Side) => `${Math.round(median(rates))} requests/s`;
    const cost = ({ costs }: Side) => `${median(costs).toFixed(1)} µs`;
    const ratioTo = ({ rates }: Side) => median(gatewaySide.rates) / median(rates);
    return [
      {
        name: 'gateway',
        ours: show(gatewaySide),
        baseline: `${show(proxySide)} (bare http-proxy)`,
        ratio: ratioTo(proxySide),
        wanted: `≥ ${WANTED} ×`,
        ok: ratioTo(proxySide) >= WANTED,
        notes: [
          `the upstream alone: ${show(upstreamSide)}`,
          `processor time a request: gateway ${cost(gatewaySide)}, bare http-proxy ${cost(proxySide)}`,
        ],
      },
      {
        name: 'gateway and nginx',
        ours: show(gatewaySide),
        baseline: nginxSide ? `${show(nginxSide)} (nginx, one worker)` : 'nginx is not installed',
        ratio: nginxSide ? ratioTo(nginxSide) : null,
        wanted: '—',
        ok: null,
      },
    ];
  } finally {
    await Promise.all(sides.map(({ pool }) => pool.destroy()));
    await nginx?.stop();
    await ours.end('SIGTERM');
    await Promise.all([proxy.stop(), upstream.stop()]);
    await servers.remove();
  }
};
