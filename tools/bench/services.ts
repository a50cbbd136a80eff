import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { addressesOf, claimServers, freePort, type SeparateService, separateServices } from '@weave-nn/testing';
import { buildApp } from '../build/build.ts';
import { residentMemory, startChild } from './children.ts';
import type { Figure, Measurement } from './figure.ts';
import { median, showMs } from './statistics.ts';

const ROUNDS = 3;
const IDLE_MS = 5_000;
const WANTED_MS = 1_500;
const WANTED_MB = 150;
const POLL_INTERVAL_MS = 5;
const workspace = resolve(import.meta.dirname, '../..');
const KEY = 'a-key-for-the-services-of-a-measurement';

interface Started {
  child: ChildProcess;
  ms: number;
}

/** Starts a built service and waits until it can serve. */
async function startBuilt(app: string, port: number, environment: Record<string, string>): Promise<Started> {
  const started = performance.now();
  const child = spawn(process.execPath, [join(app, 'main.js')], {
    cwd: app,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', LOG_LEVEL: 'warn', ...environment },
  });
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${app} ended with ${child.exitCode}`);
    const status = await fetch(`http://127.0.0.1:${port}/ready`).then(
      (answer) => answer.status,
      () => 0,
    );
    if (status === 200) return { child, ms: performance.now() - started };
    await setTimeout(POLL_INTERVAL_MS);
  }
}

async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/** Every service from its build, as a process of its own on the servers: cold start to readiness, and memory. */
export const separate: Figure = async ({ scratch }) => {
  const servers = await claimServers();
  const bare = await startChild('bare-upstream.ts');
  const baseline = { ms: bare.startedIn, mb: residentMemory(bare.pid) };
  await bare.stop();
  const vault = join(scratch, 'services-vault');
  mkdirSync(vault);
  const numbers = await Promise.all(separateServices.map(() => freePort()));
  const ports = Object.fromEntries(separateServices.map((name, index) => [name, numbers[index]])) as Record<
    SeparateService,
    number
  >;
  const running: ChildProcess[] = [];
  const measurements: Measurement[] = [];
  try {
    for (const service of separateServices) {
      const app = join(workspace, 'dist/apps', service);
      await buildApp({ workspace, project: `apps/${service}`, output: app });
      const environment = {
        ...servers.environment,
        ...addressesOf(ports),
        [`${service.toUpperCase().replaceAll('-', '_')}_SERVICE_URL`]: '',
        SERVICE_SIGNING_KEY: KEY,
        WEAVE_API_KEY: KEY,
        VAULT_PATH: vault,
        DATA_DIR: join(scratch, `services-data-${service}`),
        PORT: String(ports[service]),
      };
      const times: number[] = [];
      let last: Started | undefined;
      for (let round = 0; round < ROUNDS; round++) {
        if (last) await end(last.child);
        last = await startBuilt(app, ports[service], environment);
        times.push(last.ms);
      }
      if (last) running.push(last.child);
      await setTimeout(IDLE_MS);
      const mb = residentMemory(last?.child.pid ?? 0);
      measurements.push(
        {
          name: `start of ${service}`,
          ours: showMs(median(times)),
          baseline: `${showMs(baseline.ms)} (bare server)`,
          ratio: median(times) / baseline.ms,
          wanted: '< 1.5 s',
          ok: median(times) < WANTED_MS,
          notes: [`${service}: ${times.map(showMs).join(', ')}; the first start migrates`],
        },
        {
          name: `memory of ${service}`,
          ours: `${Math.round(mb)} MB`,
          baseline: `${Math.round(baseline.mb)} MB (bare server)`,
          ratio: mb / baseline.mb,
          wanted: `< ${WANTED_MB} MB`,
          ok: mb < WANTED_MB,
        },
      );
    }
    return measurements;
  } finally {
    for (const child of running.reverse()) await end(child);
    await servers.remove();
  }
};
