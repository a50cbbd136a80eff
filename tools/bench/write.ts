import { mkdirSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { startWeave } from '../drill/weave-process.ts';
import type { Figure, Measurement } from './figure.ts';
import { createHttpClient } from './http-client.ts';
import { median, showSpread } from './statistics.ts';

const SEQUENTIAL = 200;
const CONCURRENT = 16;
const EACH = 40;
const ROUNDS = 3;
const text = (name: string) => `# ${name}\n\nA small note, as a script would write it. See [[Another]] #tag.\n`;

type Write = (path: string) => Promise<unknown>;

interface Written {
  perSecond: number;
  times: number[];
}

/** Temporary file, fsync, rename, fsync of the folder: what a durable write costs at least. */
async function writeDurably(file: string): Promise<void> {
  const temporary = `${file}.tmp`;
  await using handle = await open(temporary, 'w');
  await handle.writeFile(text(file));
  await handle.sync();
  await rename(temporary, file);
  await using folder = await open(dirname(file), 'r');
  await folder.sync();
}

async function writeMany(write: Write, prefix: string, workers: number, each: number): Promise<Written> {
  const times: number[] = [];
  const started = performance.now();
  const work = async (worker: number) => {
    for (let count = 0; count < each; count++) {
      const begun = performance.now();
      await write(`Bench/${prefix}-${worker}-${count}.md`);
      times.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: workers }, (_, worker) => work(worker)));
  return { perSecond: (workers * each * 1_000) / (performance.now() - started), times };
}

function summarise(name: string, ours: readonly Written[], baseline: readonly Written[]): Measurement {
  const rate = (runs: readonly Written[]) => median(runs.map(({ perSecond }) => perSecond));
  const show = (runs: readonly Written[]) =>
    `${Math.round(rate(runs))}/s, ${showSpread(runs.flatMap(({ times }) => times))}`;
  return {
    name,
    ours: show(ours),
    baseline: show(baseline),
    ratio: rate(baseline) / rate(ours),
    wanted: '—',
    ok: null,
  };
}

/** Small notes written over HTTP, one by one and sixteen at a time, against bare durable writes. */
export const write: Figure = async (bench) => {
  const weave = await startWeave(await bench.indexed());
  await weave.ready();
  const client = createHttpClient(weave.url);
  const bare = join(bench.scratch, 'bare');
  mkdirSync(join(bare, 'Bench'), { recursive: true });
  const put: Write = async (path) => {
    const { status, body } = await client.send('PUT', `/v1/files/${path}`, text(path));
    if (status >= 300) throw new Error(`${path} answered ${status}: ${body}`);
  };
  const runs = { ours: [] as Written[][], baseline: [] as Written[][] };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [side, write] of [
      ['ours', put],
      ['baseline', (path: string) => writeDurably(join(bare, path))],
    ] as const) {
      runs[side].push([
        await writeMany(write, `one-${round}`, 1, SEQUENTIAL),
        await writeMany(write, `many-${round}`, CONCURRENT, EACH),
      ]);
    }
  }
  await weave.settled();
  client.close();
  await weave.stop();
  const pick = (side: 'ours' | 'baseline', at: number) => runs[side].flatMap((pair) => pair[at] ?? []);
  return [
    summarise('write, one by one', pick('ours', 0), pick('baseline', 0)),
    summarise(`write, ${CONCURRENT} at a time`, pick('ours', 1), pick('baseline', 1)),
  ];
};
