import { parseArgs } from 'node:util';
import { temporaryFolder, writeFiles } from '@weave-nn/testing';
import { createRandom } from '../generate/random.ts';
import { generateVault } from '../generate/vault.ts';
import { checkAgreement, checkLeftovers, checkTrash } from './crash/checks.ts';
import { createClient } from './crash/client.ts';
import { createEarlyClient } from './crash/early-client.ts';
import { createEditor } from './crash/editor.ts';
import { beginHistory, checkHistory, countCommits, historySettings } from './crash/history.ts';
import { createSharedPaths } from './crash/shared-paths.ts';
import {
  addTally,
  createTally,
  describeTally,
  hasProblems,
  problemKinds,
  type Tally,
  toOutcome,
} from './crash/tally.ts';
import { HUB } from './crash/world.ts';
import { type Drill, say } from './drill.ts';
import { startWeave, type WeaveChild, type WeaveFolders } from './weave-process.ts';

const NOTES = 300;
const CLIENTS = 6;
const EDITED = 25;
/** So often a start is itself cut short, while it tidies up after the one before. */
const KILLED_AT_START = 0.4;
const SHOWN = 12;

interface Cast {
  /** Whether somebody writes before readiness. */
  impatient: boolean;
  folders: WeaveFolders;
  random: ReturnType<typeof createRandom>;
  clients: ReturnType<typeof createClient>[];
  early: ReturnType<typeof createEarlyClient>;
  editor: ReturnType<typeof createEditor>;
  shared: ReturnType<typeof createSharedPaths>;
}

function prepareCast(folders: WeaveFolders, seed: number, impatient: boolean): Cast {
  const { vault } = folders;
  const { plan } = generateVault({ folder: vault, notes: NOTES, seed });
  const random = (stream: number) => createRandom(seed, 3_000_000 + stream);
  const clients = Array.from({ length: CLIENTS }, (_, index) =>
    createClient({ folder: `Client${index + 1}`, vault, random: random(index) }),
  );
  const lines: string[] = [];
  for (const client of clients) {
    const first = client.firstNotes();
    writeFiles(vault, Object.fromEntries(first.files));
    lines.push(...first.lines);
  }
  beginHistory(vault);
  writeFiles(vault, { [HUB]: `# Hub\n\n${lines.join('\n')}\n` });
  return {
    impatient,
    folders,
    random: random(100),
    clients,
    early: createEarlyClient({ vault, random: random(101) }),
    editor: createEditor({ vault, random: random(102), paths: plan.notes.slice(0, EDITED).map(({ path }) => path) }),
    shared: createSharedPaths({ vault, random: random(103) }),
  };
}

/** Resolves after a random time of up to `longest` milliseconds: the moment is what the drill draws lots for. */
function randomMoment(cast: Cast, longest: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, cast.random.next() * longest));
}

/** Starts the process, sometimes killing it on the way up, with somebody who writes as soon as it listens. */
async function startUnderWrites(cast: Cast, tally: Tally): Promise<WeaveChild> {
  for (;;) {
    const weave = await startWeave(cast.folders, [], historySettings);
    let early = cast.impatient;
    const writing = cast.early.work(weave, tally, () => early);
    if (cast.random.chance(KILLED_AT_START)) {
      await randomMoment(cast, 400);
      await weave.kill();
      await writing;
      continue;
    }
    await weave.ready();
    early = false;
    await writing;
    return weave;
  }
}

async function checkAll(cast: Cast, weave: WeaveChild, tally: Tally): Promise<void> {
  const { clients, early, editor, shared, folders } = cast;
  await weave.settled();
  for (const client of clients) client.check(tally);
  early.check(tally);
  editor.check(tally);
  await shared.check(weave, tally);
  for (const client of clients) await client.repeat(weave, tally);
  checkTrash(folders.vault, clients, tally);
  await checkAgreement(weave, tally);
  await checkLeftovers(folders.vault, tally);
  await checkHistory(weave, folders.vault, tally);
}

/** Lets everybody write until enough is acknowledged, then kills the process while they do. */
async function writeAndKill(cast: Cast, weave: WeaveChild, writes: number, tally: Tally): Promise<void> {
  const { clients, early, editor, shared } = cast;
  let going = true;
  const enough = Promise.withResolvers<void>();
  const before = tally.sent;
  const goesOn = () => {
    if (tally.sent - before >= writes) enough.resolve();
    return going;
  };
  const working = Promise.all([
    ...clients.map((client) => client.work(weave, tally, goesOn)),
    early.work(weave, tally, goesOn),
    editor.work(tally, goesOn),
    shared.edit(tally, goesOn),
    shared.put(weave, tally, goesOn),
  ]);
  await Promise.race([enough.promise, working]);
  await randomMoment(cast, 50);
  if (weave.hasEnded()) tally.odd.push(`the process ended by itself:\n${weave.log()}`);
  await weave.kill();
  going = false;
  await working;
}

/** What the process logged since it was started, without what it prints at every start. */
function warningsOf(weave: WeaveChild): string {
  const lines = weave.log().split('\n');
  return lines
    .filter((line) => line.startsWith('{'))
    .slice(-SHOWN)
    .join('\n');
}

function show(title: string, tally: Tally) {
  say(`${title}: ${describeTally(tally)}`);
  for (const kind of problemKinds) {
    for (const problem of tally[kind].slice(0, SHOWN)) say(`    ${kind}: ${problem}`);
    if (tally[kind].length > SHOWN) say(`    ${kind}: and ${tally[kind].length - SHOWN} more`);
  }
}

async function runRounds(cast: Cast, rounds: number, writes: number): Promise<Tally> {
  const total = createTally();
  let weave = await startUnderWrites(cast, total);
  for (let round = 1; round <= rounds; round++) {
    const tally = createTally();
    await writeAndKill(cast, weave, Math.ceil(writes / rounds), tally);
    weave = await startUnderWrites(cast, tally);
    await checkAll(cast, weave, tally);
    show(`round ${round}`, tally);
    if (hasProblems(tally)) say(warningsOf(weave));
    addTally(total, tally);
  }
  await weave.stop();
  return total;
}

/** Kills the process at random moments under load, again and again, and looks for what was lost. */
export const crash: Drill = {
  summary: 'kill -9 under load, many times: [--rounds 20] [--writes 5000] [--seed N] [--no-early] [--keep]',
  short: ['--rounds', '4', '--writes', '1000', '--seed', '1'],
  async run(args) {
    const { values } = parseArgs({
      args,
      options: {
        rounds: { type: 'string', default: '20' },
        writes: { type: 'string', default: '5000' },
        seed: { type: 'string', default: String(Date.now() % 100_000) },
        early: { type: 'boolean', default: true },
        keep: { type: 'boolean', default: false },
      },
      allowNegative: true,
    });
    const [vault, data] = [temporaryFolder('crash-vault'), temporaryFolder('crash-data')];
    say(`seed ${values.seed}, vault ${vault.path}`);
    const cast = prepareCast({ vault: vault.path, data: data.path }, Number(values.seed), values.early);
    const total = await runRounds(cast, Number(values.rounds), Number(values.writes));
    const commits = countCommits(vault.path);
    if (!values.keep) for (const folder of [vault, data]) folder.remove();
    say(
      `${hasProblems(total) ? 'FAILED' : 'held'} after ${values.rounds} rounds and ${commits} commits: ${describeTally(total)}`,
    );
    return toOutcome(total);
  },
};
