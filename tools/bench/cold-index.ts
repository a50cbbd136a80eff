import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { startWeave } from '../drill/weave-process.ts';
import { runChild } from './children.ts';
import type { Bench, Figure } from './figure.ts';
import { median, showMs } from './statistics.ts';

const ROUNDS = 3;
const LONGEST = 300_000;
/** Asking every service how it is takes milliseconds of what is measured: as often as the progress bar does at first. */
const LOOK_EVERY = 200;
/** Once the vault is read, the process that is asked has nothing else to do. */
const LOOK_EVERY_WHEN_READY = 25;
const WANTED = 2;

/** Milliseconds from spawning the process to listening, to readiness and to the last file in the index. */
async function indexOnce({ vault, scratch, generated }: Bench, round: number) {
  const data = join(scratch, `cold-${round}`);
  mkdirSync(data);
  const started = performance.now();
  const since = () => performance.now() - started;
  const weave = await startWeave({ vault, data });
  const listening = since();
  let ready: number | undefined;
  for (;;) {
    const { status, index } = (await weave.call('/v1/system')).json;
    if (status === 'ready') ready ??= since();
    if (index.waiting === 0 && index.files === generated.files) break;
    if (since() > LONGEST) throw new Error(`not indexed within ${LONGEST} ms: ${JSON.stringify(index)}`);
    await setTimeout(ready === undefined ? LOOK_EVERY : LOOK_EVERY_WHEN_READY);
  }
  const indexed = since();
  await weave.stop();
  rmSync(data, { recursive: true });
  return { listening, ready: ready ?? indexed, indexed };
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
  const ready = median(ours.map((each) => each.ready));
  return [
    {
      name: 'cold-index',
      ours: showMs(total),
      baseline: `${showMs(median(baseline))} (bare FTS5)`,
      ratio,
      wanted: `≤ ${WANTED} ×`,
      ok: ratio <= WANTED,
      notes: [`listening after ${showMs(listening)}, ready (manifest complete) after ${showMs(ready)}`],
    },
  ];
};
