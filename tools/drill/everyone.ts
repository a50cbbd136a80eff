import { parseArgs } from 'node:util';
import { hasCaughtUp } from '@weave-nn/clients';
import { temporaryFolder, until } from '@weave-nn/testing';
import { createRandom } from '../generate/random.ts';
import { createTally, describeTally, hasProblems, problemKinds, type Tally } from './crash/tally.ts';
import { type Drill, type Outcome, say } from './drill.ts';
import { createCast, prepareRemote, remoteIn } from './everyone/cast.ts';
import { checkAll } from './everyone/checks/all.ts';
import { createLedger, type Ledger } from './everyone/ledger.ts';
import { openOneProcess } from './everyone/one-process.ts';
import type { Place } from './everyone/place.ts';
import { openProcesses } from './everyone/processes.ts';
import { createReaper, ready, type SyncMode } from './everyone/reaper.ts';
import { isolated } from './everyone/repository.ts';
import { createSynchroniser } from './everyone/synchroniser.ts';

const SHOWN = 12;
const MAX_SETTLING_MS = 120_000;

/** Commits are made every few moments, and synchronised when it is asked for. */
const settings = {
  ...isolated,
  GIT_COMMIT_QUIET_MS: '80',
  GIT_COMMIT_MAX_WAIT_MS: '400',
  GIT_SYNC_REMOTE: 'origin',
  GIT_SYNC_INTERVAL: '0',
};
const shapes = { process: openOneProcess, processes: openProcesses };
const modes: Readonly<Record<string, readonly SyncMode[]>> = {
  merge: ['merge'],
  rebase: ['rebase'],
  both: ['merge', 'rebase'],
};

interface Wish {
  shape: keyof typeof shapes;
  edits: number;
  kills: number;
  modes: readonly SyncMode[];
  seed: number;
  isKept: boolean;
}

/** @throws Error that names the option */
function readWish(args: string[]): Wish {
  const { values } = parseArgs({
    args,
    options: {
      shape: { type: 'string', default: 'process' },
      edits: { type: 'string', default: '2000' },
      kills: { type: 'string', default: '12' },
      mode: { type: 'string', default: 'both' },
      seed: { type: 'string', default: String(Date.now() % 100_000) },
      keep: { type: 'boolean', default: false },
    },
  });
  const { shape, mode } = values;
  const wanted = modes[mode];
  if (!(shape in shapes)) throw new Error(`--shape is ${shape}, not one of ${Object.keys(shapes).join(', ')}`);
  if (!wanted) throw new Error(`--mode is ${mode}, not one of ${Object.keys(modes).join(', ')}`);
  return {
    shape: shape as keyof typeof shapes,
    edits: Number(values.edits),
    kills: Number(values.kills),
    modes: wanted,
    seed: Number(values.seed),
    isKept: values.keep,
  };
}

/** Resolves once every service has taken all there is, and all is committed. */
async function settled(place: Place): Promise<void> {
  await until(
    'every service has caught up',
    async () => {
      const { json: system } = await place.api().call('/v1/system');
      const { pending } = (await place.api().call('/v1/git/status')).json;
      return hasCaughtUp(system) && pending.waiting + pending.changes === 0;
    },
    MAX_SETTLING_MS,
  );
}

function show(tally: Tally) {
  for (const kind of problemKinds) {
    for (const problem of tally[kind].slice(0, SHOWN)) say(`    ${kind}: ${problem}`);
    if (tally[kind].length > SHOWN) say(`    ${kind}: and ${tally[kind].length - SHOWN} more`);
  }
}

/** How many edits everybody began. */
function describePeople({ edits }: Ledger): string {
  const people = Map.groupBy(edits, ({ by }) => by);
  return [...people].map(([by, each]) => `${by} ${each.length}`).join(', ');
}

function outcomeOf({ edits }: Ledger, tally: Tally): Outcome {
  const done = edits.filter(({ doneAt }) => doneAt < Number.POSITIVE_INFINITY).length;
  return {
    held: !hasProblems(tally),
    sent: edits.length,
    acknowledged: done,
    lost: tally.lost.length,
    doubled: tally.doubled.length,
  };
}

async function runIn(place: Place, folders: ReturnType<typeof remoteIn>, wish: Wish): Promise<Outcome> {
  const { seed, edits, kills } = wish;
  const { remote, clone } = folders;
  const random = (stream: number) => createRandom(seed, 7_000_000 + stream);
  const tally = createTally();
  const ledger = createLedger(edits);
  const cast = createCast({ place, clone, seed, ledger, tally });
  const synchroniser = createSynchroniser(place, random(1), tally);
  const reaper = createReaper({ place, random: random(2), ledger, edits, kills, modes: wish.modes });
  await ready(place);
  const started = performance.now();
  const synchronising = synchroniser.work();
  await Promise.all([cast.work(), reaper.work()]);
  synchroniser.stop();
  await synchronising;
  await ready(place);
  const seconds = Math.round((performance.now() - started) / 1_000);
  say(`  ${ledger.edits.length} edits in ${seconds} s, ${reaper.killed()} kills: ${describePeople(ledger)}`);
  say(`  asked to synchronise meanwhile: ${synchroniser.describe()}`);
  await synchroniser.finish();
  await settled(place);
  // What was committed since has not been pushed yet.
  await synchroniser.finish();
  await checkAll(place, { ledger, remote, pushed: cast.pushed }, tally);
  show(tally);
  if (hasProblems(tally)) say(place.logs());
  const outcome = outcomeOf(ledger, tally);
  say(`${outcome.held ? 'held' : 'FAILED'}: ${outcome.acknowledged} edits done; ${describeTally(tally)}`);
  return outcome;
}

/** Kills what runs while people edit notes with tasks over HTTP, in the folder, and in another clone, all at once. */
export const everyone: Drill = {
  summary:
    'kill -9 while notes with tasks are edited over HTTP, by an editor and in another clone: [--shape process|processes] [--edits 2000] [--kills 12] [--mode merge|rebase|both] [--seed N] [--keep]',
  short: ['--edits', '400', '--kills', '4', '--seed', '1'],
  async run(args) {
    const wish = readWish(args);
    const folder = temporaryFolder('everyone-remote');
    const folders = remoteIn(folder.path);
    const place = await shapes[wish.shape]({
      settings: { ...settings, GIT_SYNC_MODE: wish.modes[0] ?? 'merge' },
      prepare: (vault) => prepareRemote(vault, folders),
    });
    say(`seed ${wish.seed}, vault ${place.vault}, remote ${folder.path}`);
    try {
      return await runIn(place, folders, wish);
    } catch (error) {
      say(place.logs());
      throw error;
    } finally {
      await place.close(wish.isKept);
      if (!wish.isKept) folder.remove();
    }
  },
};

/** The same with every service in a process of its own. */
export const everyoneApart: Drill = {
  summary: 'the same as everyone --shape processes, each service killed in turn and at random',
  short: ['--edits', '400', '--kills', '6', '--seed', '1'],
  run: (args) => everyone.run(['--shape', 'processes', ...args]),
};
