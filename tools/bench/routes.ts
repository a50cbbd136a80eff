import { cpus } from 'node:os';
import { setTimeout } from 'node:timers/promises';
import { startSystem, type TestSystem, testKey } from '@weave-nn/testing';
import { writeNote } from '../generate/note.ts';
import { planVault } from '../generate/plan.ts';
import { machineTime, processorTime } from './children.ts';
import type { Figure } from './figure.ts';
import { createHttpClient, type HttpClient } from './http-client.ts';
import { prepareMix, type RouteRequests } from './requests.ts';
import { quantile, showMs } from './statistics.ts';

const NOTES = 2_000;
const PER_SECOND = 50;
const TIMES = 60;
const WANTED = 200;
const BASELINE = 'GET /health';
const JSON_TYPE = 'application/json';

/** What one route answered: how long each took, and what was not as it should be. */
interface Timed {
  times: number[];
  wrong: Set<string>;
}

async function send(client: HttpClient, { route, path, body }: RouteRequests, time: number, timed: Timed) {
  const [method = ''] = route.split(' ');
  const content = body?.(time);
  const text = content === undefined || typeof content === 'string' ? content : JSON.stringify(content);
  const started = performance.now();
  const type = typeof content === 'object' ? JSON_TYPE : undefined;
  const answer = await client.send(method, path(time), text, type);
  timed.times.push(performance.now() - started);
  if (answer.status >= 300) timed.wrong.add(`${answer.status} ${answer.body.slice(0, 120)}`);
}

/** Sends as many a second as are wanted, whether what was sent before has been answered or not. */
async function sendAll(client: HttpClient, mix: readonly RouteRequests[]): Promise<Map<string, Timed>> {
  const all = new Map(mix.map(({ route }) => [route, { times: [], wrong: new Set() } as Timed]));
  const sent: Promise<void>[] = [];
  const started = performance.now();
  for (let time = 0; time < TIMES; time++) {
    for (const requests of mix) {
      if (time % (requests.every ?? 1) !== 0) continue;
      const due = started + (sent.length * 1_000) / PER_SECOND;
      await setTimeout(Math.max(0, due - performance.now()));
      sent.push(send(client, requests, time, all.get(requests.route) as Timed));
    }
  }
  await Promise.all(sent);
  return all;
}

/** The routes that the system describes and that were not asked. */
async function leftOut(system: TestSystem, mix: readonly RouteRequests[]): Promise<string[]> {
  const { paths } = (await system.call('/openapi.json')).json as { paths: Record<string, object> };
  const asked = new Set(mix.map(({ route }) => route));
  return Object.entries(paths)
    .flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`))
    .filter((route) => !asked.has(route));
}

/** Begins to watch what the load costs; to be asked for it in the end. */
function watchCosts(pids: Readonly<Record<string, number>>): () => string {
  const started = performance.now();
  const used = Object.entries({ ...pids, 'the load': process.pid }).map(
    ([name, pid]) => [name, pid, processorTime(pid)] as const,
  );
  const busy = machineTime();
  return () => {
    const passed = performance.now() - started;
    const share = (ms: number) => (ms / passed).toFixed(2);
    const each = used.map(([name, pid, before]) => `${name} ${share(processorTime(pid) - before)}`);
    return `cores used: ${each.join(', ')}, all that runs here ${share(machineTime() - busy)} of ${cpus().length}`;
  };
}

/** Every route at fifty mixed requests a second, each service a process of its own on the servers. */
export const routes: Figure = async ({ generated }) => {
  const plan = planVault(generated.plan.seed, NOTES);
  const files = Object.fromEntries(plan.notes.map(({ path }, index) => [path, writeNote(plan, index)]));
  const environment = { GIT_AUTO_INIT: 'true' };
  const system = await startSystem({ definitions: [], shape: 'processes', files, environment });
  const client = createHttpClient(system.url, testKey);
  try {
    await system.settled();
    const mix = await prepareMix(system, plan, TIMES);
    const costs = watchCosts(system.pids);
    const all = await sendAll(client, mix);
    const cost = costs();
    const baseline = quantile(all.get(BASELINE)?.times ?? [], 0.95);
    const without = await leftOut(system, mix);
    const measured = [...all].filter(([route]) => route !== BASELINE);
    return measured.map(([route, { times, wrong }], index) => {
      const ours = quantile(times, 0.95);
      return {
        name: route,
        ours: `p50 ${showMs(quantile(times, 0.5))}, p95 ${showMs(ours)}`,
        baseline: `p95 ${showMs(baseline)} (${BASELINE})`,
        ratio: ours / baseline,
        wanted: `p95 < ${WANTED} ms`,
        ok: ours < WANTED && wrong.size === 0,
        notes: [
          ...(index === 0 ? [`not asked: ${without.join(', ')}`, cost] : []),
          ...[...wrong].map((each) => `${route} answered ${each}`),
        ],
      };
    });
  } finally {
    client.close();
    await system.stop();
  }
};
