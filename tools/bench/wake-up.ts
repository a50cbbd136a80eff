import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { followEvents, type Shape, startSystem } from '@weave-nn/testing';
import { services } from '../../apps/weave/src/services.ts';
import { type Backbone, draft, openEmbeddedBackbone, openServersBackbone } from './backbone.ts';
import { openBareAmqp } from './bare-amqp.ts';
import { openBareQueue } from './bare-queue.ts';
import type { Figure, Measurement } from './figure.ts';
import { median, showMs, showSpread } from './statistics.ts';

const CHANGES = 200;
const WRITES = 100;
const WANTED = 20;
const text = JSON.stringify(draft(0));

async function timeEach(count: number, work: (index: number) => unknown): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index++) {
    const started = performance.now();
    await work(index);
    times.push(performance.now() - started);
  }
  return times;
}

/** From beginning the transaction of a change until its event has taken effect, one after another. */
async function measureOurs(backbone: Backbone): Promise<number[]> {
  const { wake } = await backbone.start();
  return timeEach(CHANGES, async (index) => {
    await backbone.append(1);
    wake();
    await backbone.applied(index + 1);
  });
}

function summarise(name: string, ours: number[], baseline: number[], what: string): Measurement {
  return {
    name,
    ours: showSpread(ours),
    baseline: `p50 ${showMs(median(baseline))} (${what})`,
    ratio: median(ours) / median(baseline),
    wanted: `p50 < ${WANTED} ms`,
    ok: median(ours) < WANTED,
  };
}

async function onServers(): Promise<Measurement> {
  const backbone = await openServersBackbone();
  const bare = await openBareAmqp(backbone.rabbitmq ?? '');
  try {
    const baseline = await timeEach(CHANGES, () => bare.carry(text, 1));
    const ours = await measureOurs(backbone);
    return summarise('change to effect, RabbitMQ and PostgreSQL', ours, baseline, 'bare amqplib');
  } finally {
    await bare.close();
    await backbone.remove();
  }
}

async function embedded(scratch: string): Promise<Measurement> {
  const folder = join(scratch, 'wake-up');
  mkdirSync(folder);
  const backbone = await openEmbeddedBackbone(folder);
  const bare = openBareQueue(join(folder, 'bare.db'));
  try {
    const baseline = await timeEach(CHANGES, () => bare.carry(text, 1));
    const ours = await measureOurs(backbone);
    return summarise('change to effect, embedded', ours, baseline, 'bare node:sqlite tables');
  } finally {
    bare.close();
    await backbone.remove();
  }
}

/** From sending a note over HTTP until the event stream, fed by the event log, tells of it. */
async function throughSystem(shape: Shape): Promise<Measurement> {
  const system = await startSystem({ definitions: services, shape, files: { 'A.md': 'a\n' } });
  try {
    await system.settled();
    const stream = await followEvents(system, '?type=vault.file.*');
    const seen = new Map<string, () => void>();
    const told = (path: string) => new Promise<void>((resolve) => seen.set(path, resolve));
    stream.onEvent(({ event }) => seen.get(event.subject)?.());
    const answered: number[] = [];
    const times = await timeEach(WRITES, async (index) => {
      const path = `Bench/${index}.md`;
      const arrival = told(path);
      const started = performance.now();
      await system.put(path, `# ${index}\n`);
      answered.push(performance.now() - started);
      await arrival;
    });
    await stream.close();
    return {
      name: `note sent to event stream, ${shape}`,
      ours: showSpread(times),
      baseline: `p50 ${showMs(median(answered))} (until it is answered)`,
      ratio: median(times) / median(answered),
      wanted: '—',
      ok: null,
    };
  } finally {
    await system.stop();
  }
}

/** How soon a change is seen on the other side of the broker. */
export const wakeUp: Figure = async ({ scratch }) => [
  await onServers(),
  await embedded(scratch),
  await throughSystem('embedded'),
  await throughSystem('processes'),
];
