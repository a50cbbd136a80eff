import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { until } from '@weave-nn/testing';
import { startWeave, type WeaveChild } from '../drill/weave-process.ts';
import { createRandom } from '../generate/random.ts';
import { startChild } from './children.ts';
import type { Figure, Measurement } from './figure.ts';
import { createHttpClient, type HttpClient } from './http-client.ts';
import { median, quantile, showMs, showSpread } from './statistics.ts';
import { bareQueries, ourQuery, type TaskQueryKind } from './task-queries.ts';

const NOTES = 1_000;
const TASKS_A_NOTE = 100;
const TAGS = 200;
const ASKED_EACH = 60;
const PAGES = 300;
const MAX_FINDING_MS = 600_000;
const statuses = { todo: ' ', in_progress: '/', done: 'x', cancelled: '-' } as const;
type Status = keyof typeof statuses;

interface BenchTask {
  title: string;
  path: string;
  status: Status;
  due: string;
  tag: string;
}

function drawTasks(): BenchTask[] {
  const random = createRandom(1, 5_000_000);
  const names = Object.keys(statuses) as Status[];
  return Array.from({ length: NOTES * TASKS_A_NOTE }, (_, index) => {
    const month = String(random.integer(1, 12)).padStart(2, '0');
    const day = String(random.integer(1, 28)).padStart(2, '0');
    return {
      title: `Task ${index} about something or other`,
      path: `Note ${String(Math.floor(index / TASKS_A_NOTE)).padStart(4, '0')}.md`,
      status: random.chance(0.6) ? 'todo' : random.pick(names),
      due: `${random.integer(2024, 2030)}-${month}-${day}`,
      // Every tenth task has the commonest tag.
      tag: random.chance(0.1) ? 'common' : `tag${random.integer(1, TAGS)}`,
    };
  });
}

function writeNotes(folder: string, tasks: readonly BenchTask[]): void {
  mkdirSync(folder);
  for (const [path, inNote] of Map.groupBy(tasks, (task) => task.path)) {
    const lines = inNote.map(({ title, status, due, tag }) => `- [${statuses[status]}] ${title} #${tag} 📅 ${due}`);
    writeFileSync(join(folder, path), `# ${path}\n\n${lines.join('\n')}\n`);
  }
}

function fillBareTable(file: string, tasks: readonly BenchTask[]): void {
  const database = new DatabaseSync(file);
  database.exec(`PRAGMA journal_mode = WAL;
    CREATE TABLE task (id TEXT PRIMARY KEY, title TEXT, path TEXT, status TEXT, completed INTEGER, due TEXT, tags TEXT);
    CREATE TABLE tag (tag TEXT, task_id TEXT, PRIMARY KEY (tag, task_id)) WITHOUT ROWID;
    CREATE INDEX task_by_due ON task (completed, due, id);
    CREATE INDEX task_by_status ON task (status, id);
    CREATE INDEX task_by_path ON task (path, id);
    BEGIN`);
  const insert = database.prepare('INSERT INTO task VALUES (?, ?, ?, ?, ?, ?, ?)');
  const tag = database.prepare('INSERT INTO tag VALUES (?, ?)');
  for (const [index, task] of tasks.entries()) {
    const id = String(index).padStart(36, '0');
    insert.run(id, task.title, task.path, task.status, task.status === 'done' ? 1 : 0, task.due, `["#${task.tag}"]`);
    tag.run(task.tag, id);
  }
  database.exec('COMMIT');
  database.close();
}

function drawQuestions(): { kind: TaskQueryKind; value: string }[] {
  const random = createRandom(1, 5_000_001);
  const drawValue: Readonly<Record<TaskQueryKind, () => string>> = {
    newest: () => '',
    open: () => '',
    due: () => `${random.integer(2024, 2030)}-06-15`,
    status: () => random.pick(Object.keys(statuses)),
    tag: () => (random.chance(0.2) ? 'common' : `tag${random.integer(1, TAGS)}`),
    note: () => `Note ${String(random.integer(0, NOTES - 1)).padStart(4, '0')}.md`,
  };
  const questions = bareQueries.flatMap(({ kind }) =>
    Array.from({ length: ASKED_EACH }, () => ({ kind, value: drawValue[kind](), order: random.next() })),
  );
  return questions.sort((one, other) => one.order - other.order);
}

async function ask(client: HttpClient, path: string): Promise<{ ms: number; body: string }> {
  const { status, body, ms } = await client.send('GET', path);
  if (status !== 200) throw new Error(`${path} answered ${status}: ${body}`);
  return { ms, body };
}

/** Follows a list from its beginning, and answers how long each page took. */
async function readPages(client: HttpClient): Promise<number[]> {
  const times: number[] = [];
  let cursor: string | null = '';
  while (cursor !== null && times.length < PAGES) {
    const { ms, body } = await ask(
      client,
      `/v1/tasks?completed=false&sort=dueDate&limit=100&cursor=${cursor}`.replace(/&cursor=$/, ''),
    );
    times.push(ms);
    cursor = JSON.parse(body).nextCursor;
  }
  return times;
}

async function findAll(weave: WeaveChild, total: number): Promise<number> {
  const started = performance.now();
  await until(
    'all tasks are found',
    async () => (await weave.call('/v1/system')).json.tasks?.tasks === total,
    MAX_FINDING_MS,
  );
  return performance.now() - started;
}

/** Lists and filters 100,000 tasks over HTTP, against the same questions to a bare table behind a bare HTTP server. */
export const tasks: Figure = async (bench): Promise<Measurement[]> => {
  const drawn = drawTasks();
  const folders = { vault: join(bench.scratch, 'tasks-vault'), data: join(bench.scratch, 'tasks-data') };
  writeNotes(folders.vault, drawn);
  mkdirSync(folders.data);
  const table = join(bench.scratch, 'bare-tasks.db');
  fillBareTable(table, drawn);
  const weave = await startWeave(folders);
  const foundIn = await findAll(weave, drawn.length);
  await weave.settled();
  const bare = await startChild('bare-tasks.ts', table);
  const clients = [createHttpClient(weave.url), createHttpClient(bare.url)] as const;
  const samples: { kind: TaskQueryKind; ours: number; baseline: number }[] = [];
  for (const round of [0, 1, 2]) {
    for (const { kind, value } of drawQuestions()) {
      const { ms: ours } = await ask(clients[0], `/v1/tasks?limit=100&${ourQuery(kind, value)}`);
      const { ms: baseline } = await ask(clients[1], `/?kind=${kind}${value && `&value=${encodeURIComponent(value)}`}`);
      // The first round warms both up.
      if (round > 0) samples.push({ kind, ours, baseline });
    }
  }
  const pages = await readPages(clients[0]);
  for (const client of clients) client.close();
  await Promise.all([weave.stop(), bare.stop()]);
  const [ours, baseline] = [samples.map((each) => each.ours), samples.map((each) => each.baseline)];
  const late = pages.slice(-50);
  return [
    {
      name: 'tasks, list and filter 100,000',
      ours: showSpread(ours),
      baseline: `${showSpread(baseline)} (bare table)`,
      ratio: quantile(ours, 0.99) / quantile(baseline, 0.99),
      wanted: '—',
      ok: null,
      notes: [
        ...bareQueries.map(({ kind }) => {
          const of = samples.filter((each) => each.kind === kind);
          return `${kind}: ${showSpread(of.map((each) => each.ours))}, bare ${showSpread(of.map((each) => each.baseline))}`;
        }),
        `page 1 to 50: median ${showMs(median(pages.slice(0, 50)))}, the last 50 of ${pages.length}: median ${showMs(median(late))}`,
        `${drawn.length} tasks in ${NOTES} notes found in ${(foundIn / 1000).toFixed(1)} s from the start`,
      ],
    },
  ];
};
