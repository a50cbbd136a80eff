import { setTimeout } from 'node:timers/promises';
import { until } from '@weave-nn/testing';
import type { Random } from '../../generate/random.ts';
import { say } from '../drill.ts';
import type { Ledger } from './ledger.ts';
import type { Place } from './place.ts';

/** So often a part is killed once more while it starts. */
const KILLED_AT_START = 0.3;
const MAX_START_MS = 600;
const MAX_MOMENT_MS = 80;
/** Milliseconds between a kill and the start after it. */
const MAX_ABSENCE_MS = 400;
const MAX_READY_MS = 120_000;

/** How the two sides of a synchronisation come together. */
export type SyncMode = 'merge' | 'rebase';

export async function ready(place: Place): Promise<void> {
  await until(
    'the system is ready',
    async () => (await place.api().call('/v1/system')).json.status === 'ready',
    MAX_READY_MS,
  );
}

/** Kills parts of a system at random, each once before any twice, while edits are made, and starts them again. */
export function createReaper(options: {
  place: Place;
  random: Random;
  ledger: Ledger;
  edits: number;
  kills: number;
  modes: readonly SyncMode[];
}) {
  const { place, random, ledger, edits, kills, modes } = options;
  let killed = 0;

  async function kill(part: string): Promise<void> {
    await setTimeout(random.integer(0, MAX_MOMENT_MS));
    for (let again = true; again; again = random.chance(KILLED_AT_START)) {
      await place.kill(part);
      killed++;
      await setTimeout(random.integer(0, MAX_ABSENCE_MS));
      await place.start(part, { GIT_SYNC_MODE: random.pick(modes) });
      await setTimeout(random.integer(0, MAX_START_MS));
    }
  }

  return {
    killed: () => killed,
    async work(): Promise<void> {
      const moments = Array.from({ length: kills }, () => Math.round(random.next() * edits * 0.95)).sort(
        (a, b) => a - b,
      );
      for (const [index, moment] of moments.entries()) {
        await until('more is edited', () => ledger.begun() >= moment || !ledger.goesOn(), 600_000);
        const part = place.parts[index] ?? random.pick(place.parts);
        await kill(part);
        if (place.parts.length > 1 && random.chance(0.3)) await kill(random.pick(place.parts));
        say(`  killed ${part} after ${ledger.begun()} edits`);
        await ready(place);
      }
    },
  };
}
