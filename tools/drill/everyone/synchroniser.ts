import { setTimeout } from 'node:timers/promises';
import { until } from '@weave-nn/testing';
import type { Random } from '../../generate/random.ts';
import type { Tally } from '../crash/tally.ts';
import type { Place } from './place.ts';

const MAX_PAUSE_MS = 500;
const MAX_CALM_MS = 120_000;

/** Somebody who asks for a synchronisation again and again, and what came of it. */
export function createSynchroniser(place: Place, random: Random, tally: Tally) {
  const outcomes = new Map<string, number>();
  let conflicts = 0;
  let going = true;

  async function ask(): Promise<string> {
    const answer = await place
      .api()
      .post('/v1/git/sync', {})
      .catch(() => null);
    if (answer?.status === 500) tally.odd.push(`a synchronisation was answered ${answer.text}`);
    const outcome = answer ? (answer.json.state ?? answer.json.code) : 'unanswered';
    conflicts += answer?.json.conflicts?.length ?? 0;
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    return outcome;
  }

  return {
    async work(): Promise<void> {
      while (going) {
        await ask();
        await setTimeout(random.integer(0, MAX_PAUSE_MS));
      }
    },
    stop() {
      going = false;
    },
    /** Synchronises until there is nothing to synchronise any more. */
    async finish(): Promise<void> {
      await until('vault and remote are the same', async () => (await ask()) === 'up-to-date', MAX_CALM_MS);
    },
    describe: () =>
      `${[...outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(', ')}; ${conflicts} conflicts`,
  };
}
