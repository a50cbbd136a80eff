import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { startWeave } from '../drill/weave-process.ts';
import { runChild } from './children.ts';
import type { Bench, Figure } from './figure.ts';
import { median, showMs } from './statistics.ts';

const ROUNDS = 5;
const LONGEST = 300_000;
const POLL_INTERVAL_MS = 20;
const WANTED = 2;

/**
 * Looks into the index's file for how many rows it has, which are numbered from 1 in a new one: asking the process, which
 * asks all its services, takes milliseconds of what is measured.
 */
function openIndex(data: string) {
  const database = new DatabaseSync(join(data, 'mcp-sync.db'), { readOnly: true });
  const newest = database.prepare('SELECT max(id) AS id FROM note');
  return { rows: () => Number(newest.get()?.id ?? 0), close: () => database.close() };
}

/** Milliseconds from spawning the process to listening, and to its saying that the last file is in the index. */
async function indexOnce({ vault, scratch, generated }: Bench, round: number) {
  const data = join(scratch, `cold-${round}`);
  mkdirSync(data);
  const started = performance.now();
  const since = () => performance.now() - started;
  const weave = await startWeave({ vault, data });
  const listening = since();
  const index = openIndex(data);
  const isIndexed = async () => {
    if (index.rows() < generated.files) return false;
    const { waiting, files } = (await weave.call('/v1/system')).json.index;
    return waiting === 0 && files === generated.files;
  };
  while (!(await isIndexed())) {
    if (since() > LONGEST) throw new Error(`not indexed within ${LONGEST} ms: ${index.rows()} rows`);
    await setTimeout(POLL_INTERVAL_MS);
  }
  const indexed = since();
  index.close();
  await weave.stop();
  rmSync(data, { recursive: true });
  return { listening, indexed };
}

/** A cold index of the whole vault, against loading the same text into a bare FTS5 table. */
export const coldIndex: Figure = async (bench) => {
  const ours: Awaited<ReturnType<typeof indexOnce>>[] = [];
  const baseline: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await indexOnce(bench, round));
    const file = join(bench.scratch, `bare-${round}.db`);
    baseline.push(await runChild('bare-table.ts', bench.vault, file));
  }
  const total = median(ours.map(({ indexed }) => indexed));
  const ratio = total / median(baseline);
  const listening = median(ours.map((each) => each.listening));
  return [
    {
      name: 'cold-index',
      ours: showMs(total),
      baseline: `${showMs(median(baseline))} (bare FTS5)`,
      ratio,
      wanted: `≤ ${WANTED} ×`,
      ok: ratio <= WANTED,
      notes: [`listening after ${showMs(listening)}`],
    },
  ];
};
