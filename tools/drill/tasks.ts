import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { hasCaughtUp } from '@weave-nn/clients';
import { temporaryFolder, until, writeFiles } from '@weave-nn/testing';
import { createRandom, type Random } from '../generate/random.ts';
import { checkAgreement } from './crash/checks.ts';
import { saveFile } from './crash/editor.ts';
import {
  addTally,
  createTally,
  describeTally,
  hasProblems,
  problemKinds,
  type Tally,
  toOutcome,
} from './crash/tally.ts';
import { type Drill, say } from './drill.ts';
import { createTaskClient } from './tasks/client.ts';
import { startWeave, type WeaveChild, type WeaveFolders } from './weave-process.ts';

const CLIENTS = 4;
const SHARED_NOTES = 3;
const EDITED_NOTES = 4;
const SHOWN = 12;
const MAX_SETTLING_MS = 60_000;

/** Somebody who edits notes with tasks by hand: writes, ticks off, and carries lines from note to note. */
function createTaskEditor(vault: string, random: Random) {
  const notes = new Map<string, string[]>();
  let counter = 0;

  function save(note: string) {
    saveFile(join(vault, note), `# By hand\n\n${(notes.get(note) ?? []).join('\n')}\n`, random.chance(0.5));
  }

  function change(tally: Tally) {
    const note = `Edited/Note ${random.integer(1, EDITED_NOTES)}.md`;
    const lines = notes.get(note) ?? [];
    notes.set(note, lines);
    const at = random.integer(0, Math.max(0, lines.length - 1));
    const draw = random.next();
    tally.editorSaves++;
    if (lines.length < 3 || draw < 0.3)
      lines.splice(at, 0, `- [ ] hand-${++counter} 📅 2027-01-0${random.integer(1, 9)} #hand`);
    else if (draw < 0.5) lines[at] = (lines[at] ?? '').replace('[ ]', '[x]');
    else if (draw < 0.7) lines[at] = `${lines[at]} ⏫`;
    else {
      const [line = ''] = lines.splice(at, 1);
      if (draw < 0.9) {
        const other = `Edited/Note ${random.integer(1, EDITED_NOTES)}.md`;
        notes.set(other, [...(notes.get(other) ?? []), line]);
        save(other);
      }
    }
    save(note);
  }

  return {
    async work(tally: Tally, goesOn: () => boolean): Promise<void> {
      while (goesOn()) {
        change(tally);
        await setTimeout(random.integer(0, 15));
      }
    },
  };
}

/** How many lines of the vault have each mark. */
function countLines(vault: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const path of globSync('**/*.md', { cwd: vault })) {
    for (const [, mark = ''] of readFileSync(join(vault, path), 'utf8').matchAll(/^- \[.\] (\S+)/gm)) {
      counts.set(mark, (counts.get(mark) ?? 0) + 1);
    }
  }
  return counts;
}

/** Every task that is there was told to be created, and once. */
function checkEvents({ data }: WeaveFolders, ids: ReadonlySet<string>, tally: Tally): void {
  const log = new DatabaseSync(join(data, 'mcp-sync.db'), { readOnly: true });
  const rows = log
    .prepare(`SELECT subject, count(*) AS total FROM event_log WHERE type = 'task.created' GROUP BY subject`)
    .all();
  log.close();
  const told = new Map(rows.map(({ subject, total }) => [String(subject), Number(total)]));
  for (const id of ids) {
    const times = told.get(id) ?? 0;
    if (times === 0) tally.lost.push(`no event says that ${id} was made`);
    if (times > 1) tally.doubled.push(`${times} events say that ${id} was made`);
  }
}

async function settled(weave: WeaveChild): Promise<void> {
  await until(
    'tasks and index have caught up',
    async () => {
      return hasCaughtUp((await weave.call('/v1/system')).json);
    },
    MAX_SETTLING_MS,
  );
}

async function liveIds(weave: WeaveChild): Promise<Set<string>> {
  const ids = new Set<string>();
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { items: { id: string; title: string }[]; nextCursor: string | null } = (
      await weave.call(`/v1/tasks?path=Shared&limit=1000${cursor ? `&cursor=${cursor}` : ''}`)
    ).json;
    for (const { id } of page.items) ids.add(id);
    cursor = page.nextCursor;
  }
  return ids;
}

function show(title: string, tally: Tally) {
  say(`${title}: ${describeTally(tally)}`);
  for (const kind of problemKinds) for (const problem of tally[kind].slice(0, SHOWN)) say(`    ${kind}: ${problem}`);
}

/** Kills the process while tasks are changed through the API and by an editor at once, and looks for what was lost. */
export const tasks: Drill = {
  summary: 'kill -9 while tasks in notes are changed from all sides: [--rounds 10] [--writes 2000] [--seed N]',
  short: ['--rounds', '3', '--writes', '300', '--seed', '1'],
  async run(args) {
    const { values } = parseArgs({
      args,
      options: {
        rounds: { type: 'string', default: '10' },
        writes: { type: 'string', default: '2000' },
        seed: { type: 'string', default: String(Date.now() % 100_000) },
      },
    });
    const [seed, rounds, writes] = [Number(values.seed), Number(values.rounds), Number(values.writes)];
    const [vault, data] = [temporaryFolder('tasks-vault'), temporaryFolder('tasks-data')];
    const folders = { vault: vault.path, data: data.path };
    say(`seed ${seed}, vault ${vault.path}`);
    const notes = Array.from({ length: SHARED_NOTES }, (_, index) => `Shared/Note ${index + 1}.md`);
    writeFiles(vault.path, Object.fromEntries(notes.map((note) => [note, `# ${note}\n\nSome text.\n`])));
    const random = (stream: number) => createRandom(seed, 4_000_000 + stream);
    const clients = Array.from({ length: CLIENTS }, (_, index) =>
      createTaskClient({ name: `c${index + 1}`, notes, random: random(index) }),
    );
    const editor = createTaskEditor(vault.path, random(100));
    const moments = random(101);
    const total = createTally();
    let weave = await startWeave(folders);
    await weave.ready();
    for (let round = 1; round <= rounds; round++) {
      const tally = createTally();
      let going = true;
      const goesOn = () => going && tally.sent < writes / rounds;
      const working = Promise.all([
        ...clients.map((client) => client.work(weave, tally, goesOn)),
        editor.work(tally, goesOn),
      ]);
      await until(
        'enough is written',
        () => tally.sent >= (writes / rounds) * (0.5 + moments.next() / 2) || weave.hasEnded(),
        120_000,
      );
      if (weave.hasEnded()) tally.odd.push(`the process ended by itself:\n${weave.log()}`);
      await weave.kill();
      going = false;
      await working;
      weave = await startWeave(folders);
      await weave.ready();
      await settled(weave);
      for (const client of clients) await client.check(weave, tally, () => countLines(vault.path));
      await settled(weave);
      await checkAgreement(weave, tally);
      checkEvents(folders, await liveIds(weave), tally);
      show(`round ${round}`, tally);
      addTally(total, tally);
    }
    await weave.stop();
    for (const folder of [vault, data]) folder.remove();
    say(`${hasProblems(total) ? 'FAILED' : 'held'} after ${rounds} rounds: ${describeTally(total)}`);
    return toOutcome(total);
  },
};
