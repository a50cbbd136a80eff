import { setTimeout } from 'node:timers/promises';
import { startWeave } from '../drill/weave-process.ts';
import { residentMemory, startChild } from './children.ts';
import type { Figure } from './figure.ts';

const IDLE_FOR = 4_000;
const IDLE_LONGER = 16_000;
const WANTED = 300;
const showMb = (megabytes: number) => `${Math.round(megabytes)} MB`;

/**
 * Resident memory of the idle process with an indexed vault, when it was just made and after a restart, against a bare
 * server with one table.
 */
export const memory: Figure = async (bench) => {
  const indexed = await bench.indexed();
  const weave = await startWeave(indexed);
  const bare = await startChild('bare-server.ts', await bench.bareTable());
  await weave.ready();
  await weave.settled();
  // Being idle for a time is the thing that is measured.
  await setTimeout(IDLE_FOR);
  const [ours, baseline] = [residentMemory(weave.pid), residentMemory(bare.pid)];
  await setTimeout(IDLE_LONGER);
  const later = residentMemory(weave.pid);
  await Promise.all([weave.stop(), bare.stop()]);
  const measurement = (name: string, megabytes: number) => ({
    name,
    ours: showMb(megabytes),
    baseline: `${showMb(baseline)} (bare server)`,
    ratio: megabytes / baseline,
    wanted: `< ${WANTED} MB`,
    ok: megabytes < WANTED,
  });
  const after = (milliseconds: number) => `after ${milliseconds / 1000} s`;
  return [
    measurement('memory, after the first index', indexed.resident),
    {
      ...measurement('memory, after a restart', Math.max(ours, later)),
      notes: [`${showMb(ours)} ${after(IDLE_FOR)}, ${showMb(later)} ${after(IDLE_FOR + IDLE_LONGER)}`],
    },
  ];
};
