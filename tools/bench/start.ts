import { startWeave } from '../drill/weave-process.ts';
import { startChild } from './children.ts';
import type { Figure } from './figure.ts';
import { median, showMs } from './statistics.ts';

const ROUNDS = 5;
const WANTED = 2_000;

/** From spawning the process on an indexed vault to readiness, against a bare server that opens one table. */
export const start: Figure = async (bench) => {
  const folders = await bench.indexed();
  const table = await bench.bareTable();
  const ours: number[] = [];
  const baseline: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const started = performance.now();
    const weave = await startWeave(folders);
    await weave.ready();
    ours.push(performance.now() - started);
    await weave.stop();
    const bare = await startChild('bare-server.ts', table);
    baseline.push(bare.startedIn);
    await bare.stop();
  }
  const [time, scale] = [median(ours), median(baseline)];
  const name = 'start';
  return [
    {
      name,
      ours: showMs(time),
      baseline: `${showMs(scale)} (bare server)`,
      ratio: time / scale,
      wanted: '< 2 s',
      ok: time < WANTED,
    },
  ];
};
