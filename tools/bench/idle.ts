import { setTimeout } from 'node:timers/promises';
import { startSystem } from '@weave-nn/testing';
import pg from 'pg';
import { startWeave } from '../drill/weave-process.ts';
import { processorTime } from './children.ts';
import type { Figure, Measurement } from './figure.ts';

const SETTLE_MS = 5_000;
const IDLE_MS = 30_000;
const WANTED = 2;

/** Processor time of processes that nobody asks anything, in percent of one core, each. */
async function watch(pids: Readonly<Record<string, number>>): Promise<Record<string, number>> {
  // Being idle is what is measured.
  await setTimeout(SETTLE_MS);
  const before = Object.values(pids).map(processorTime);
  await setTimeout(IDLE_MS);
  return Object.fromEntries(
    Object.entries(pids).map(([name, pid], index) => [
      name,
      ((processorTime(pid) - (before[index] ?? 0)) * 100) / IDLE_MS,
    ]),
  );
}

function summarise(name: string, shares: Record<string, number>, notes: string[]): Measurement[] {
  return Object.entries(shares).map(([process, share], index) => ({
    name: `idle, ${name}${process === name ? '' : ` ${process}`}`,
    ours: `${share.toFixed(1)} % of a core`,
    baseline: '0: a process that does nothing',
    ratio: null,
    wanted: `< ${WANTED} %`,
    ok: share < WANTED,
    notes: index === 0 ? notes : [],
  }));
}

/** How many transactions PostgreSQL has seen in a database. */
async function transactions(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(
      'SELECT xact_commit + xact_rollback AS total FROM pg_stat_database WHERE datname = current_database()',
    );
    return Number(rows[0].total);
  } finally {
    await client.end();
  }
}

async function watchProcesses(): Promise<Measurement[]> {
  const system = await startSystem({ definitions: [], shape: 'processes', files: { 'A.md': 'a\n' } });
  try {
    await system.settled();
    const before = await transactions(system.databaseUrl ?? '');
    const shares = await watch(system.pids);
    const each = ((await transactions(system.databaseUrl ?? '')) - before) / ((SETTLE_MS + IDLE_MS) / 1_000);
    return summarise('processes', shares, [
      `separate processes, idle: ${each.toFixed(1)} transactions/s on PostgreSQL together`,
    ]);
  } finally {
    await system.stop();
  }
}

/** What an idle system does, which should be nothing to speak of. */
export const idle: Figure = async (bench) => {
  const weave = await startWeave(await bench.indexed());
  await weave.ready();
  await weave.settled();
  const one = summarise('weave', await watch({ weave: weave.pid }), []);
  await weave.stop();
  return [...one, ...(await watchProcesses())];
};
