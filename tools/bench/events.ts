import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Backbone, draft, openEmbeddedBackbone, openServersBackbone } from './backbone.ts';
import { openBareAmqp } from './bare-amqp.ts';
import { openBareQueue } from './bare-queue.ts';
import type { Figure, Measurement } from './figure.ts';
import { median } from './statistics.ts';

const EVENTS = 10_000;
const ROUNDS = 3;
const WANTED = 0.25;
const text = JSON.stringify(draft(0));

async function perSecond(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return (EVENTS * 1_000) / (performance.now() - started);
}

/** From lying in the outbox to having taken effect, all through. */
async function measureOurs(backbone: Backbone): Promise<number> {
  await backbone.append(EVENTS);
  return perSecond(async () => {
    await backbone.start();
    await backbone.applied(EVENTS);
  });
}

function summarise(
  name: string,
  ours: readonly number[],
  baseline: readonly number[],
  what: string,
  wanted: number | null,
): Measurement {
  const ratio = median(ours) / median(baseline);
  const show = (rate: number) => `${Math.round(rate)} events/s`;
  return {
    name,
    ours: show(median(ours)),
    baseline: `${show(median(baseline))} (${what})`,
    ratio,
    wanted: wanted === null ? '—' : `≥ ${wanted} ×`,
    ok: wanted === null ? null : ratio >= wanted,
  };
}

async function onServers(): Promise<Measurement> {
  const [ours, baseline]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    const backbone = await openServersBackbone();
    const bare = await openBareAmqp(backbone.rabbitmq ?? '');
    try {
      baseline.push(await perSecond(() => bare.carry(text, EVENTS)));
      ours.push(await measureOurs(backbone));
    } finally {
      await bare.close();
      await backbone.remove();
    }
  }
  return summarise('events, RabbitMQ and PostgreSQL', ours, baseline, 'bare amqplib', WANTED);
}

async function embedded(scratch: string): Promise<Measurement> {
  const [ours, baseline]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    const folder = join(scratch, `events-${round}`);
    mkdirSync(folder);
    const backbone = await openEmbeddedBackbone(folder);
    const bare = openBareQueue(join(folder, 'bare.db'));
    try {
      baseline.push(await perSecond(() => bare.carry(text, EVENTS)));
      ours.push(await measureOurs(backbone));
    } finally {
      bare.close();
      await backbone.remove();
    }
  }
  return summarise('events, embedded broker and SQLite', ours, baseline, 'bare node:sqlite tables', null);
}

/** Events that wait in an outbox, carried to their effect of one row each, against what a broker alone takes. */
export const events: Figure = async ({ scratch }) => [await onServers(), await embedded(scratch)];
