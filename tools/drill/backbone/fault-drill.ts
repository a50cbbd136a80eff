import { setTimeout } from 'node:timers/promises';
import { until } from '@weave-nn/testing';
import { type Drill, say } from '../drill.ts';
import { createLoad, describeLoad } from './load.ts';
import { verify } from './verify.ts';
import { type DrillWorld, openWorld, type WorldOptions } from './world.ts';

const PEOPLE = 6;
const PAUSE = 10;
const WARM_UP = 2_000;
const MAX_RECOVERY_MS = 60_000;

/** Lets the load run for a time; the time is what the drill is about, not something that it waits for. */
export const during = setTimeout;

/** What brings load to a system that drills are made with. */
export const people = { people: PEOPLE, pause: PAUSE };

/** Lets the load run before the fault, and after it. */
export const warmUp = () => during(WARM_UP);

/** Resolves once every service is ready again. */
export async function recovered({ api }: DrillWorld): Promise<void> {
  await until(
    'the system is ready again',
    async () => {
      const { status, index } = (await api.call('/v1/system')).json;
      return status === 'ready' && index !== null;
    },
    MAX_RECOVERY_MS,
  );
}

/** What a drill is made of. */
export interface Fault {
  summary: string;
  short?: readonly string[];
  world?: WorldOptions;
  /** Milliseconds between what one person does and the next. */
  pause?: number;
  /** How many dead letters the fault leaves. */
  deadLetters?: number;
  /** Makes the fault happen, and undoes it. */
  strike(world: DrillWorld, args: string[]): Promise<void>;
}

/** A drill of one fault under load: what was sent, what arrived, what was lost, what came twice. */
export function faultDrill(fault: Fault): Drill {
  return {
    summary: fault.summary,
    ...(fault.short ? { short: fault.short } : {}),
    async run(args) {
      const world = await openWorld(fault.world);
      try {
        const load = createLoad({ ...people, pause: fault.pause ?? PAUSE, api: () => world.api });
        await warmUp();
        try {
          await fault.strike(world, args);
          await recovered(world);
        } catch (error) {
          say(world.logs());
          throw error;
        } finally {
          await warmUp();
          await load.stop();
        }
        say(`  ${describeLoad(load.tally)}`);
        const verdict = await verify(world, load.acknowledged, fault.deadLetters);
        if (!verdict.held) say(world.logs());
        say(verdict.held ? 'held' : 'FAILED');
        const { sent, acknowledged } = load.tally;
        return { held: verdict.held, sent, acknowledged, lost: verdict.lost.length, doubled: verdict.doubled.length };
      } finally {
        await world.close();
      }
    },
  };
}
