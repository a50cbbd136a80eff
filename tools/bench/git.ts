import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { until } from '@weave-nn/testing';
import { startWeave } from '../drill/weave-process.ts';
import type { Bench, Figure, Measurement } from './figure.ts';
import { createHttpClient, type HttpClient } from './http-client.ts';
import { median, showMs, showSpread } from './statistics.ts';

const ROUNDS = 12;
const CHANGES = 100;
const BETWEEN = 10;
const QUIET = 300;
const COMMITS = 50_000;
const NOTES = 500;
const READS = 20;
const LONGEST = 600_000;

const isolated = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };
const person = ['-c', 'user.name=Bench', '-c', 'user.email=bench@example.org'];
const env = { ...process.env, ...isolated };
const git = (folder: string, ...args: string[]): string =>
  execFileSync('git', [...person, ...args], {
    cwd: folder,
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
const headOf = (folder: string): string => readFileSync(join(folder, '.git/refs/heads/main'), 'utf8').trim();

function timed(work: () => void): number {
  const started = performance.now();
  work();
  return performance.now() - started;
}

const textOf = (count: number, round: number) => `# ${count}\n\nRound ${round}.\n`;

/** Puts a hundred notes within a second; answers how long after the time of quiet they are on the branch. */
async function commitByWeave(client: HttpClient, vault: string, round: number): Promise<number> {
  for (let count = 0; count < CHANGES; count++) {
    const next = performance.now() + BETWEEN;
    const { status } = await client.send('PUT', `/v1/files/Bench/${count}.md`, textOf(count, round));
    if (status >= 300) throw new Error(`a note was answered with ${status}`);
    await setTimeout(Math.max(0, next - performance.now()));
  }
  const last = performance.now();
  const wanted = textOf(CHANGES - 1, round);
  for (let head = ''; ; ) {
    await setTimeout(1);
    if (headOf(vault) === head) continue;
    const seen = performance.now();
    head = headOf(vault);
    if (tryShow(vault, `${head}:Bench/${CHANGES - 1}.md`) === wanted) return Math.max(0, seen - last - QUIET);
  }
}

function tryShow(folder: string, object: string): string | null {
  try {
    return git(folder, 'cat-file', '-p', object);
  } catch {
    return null;
  }
}

/** Writes the same notes, and commits them as a person does. */
function commitByHand(folder: string, round: number): number {
  mkdirSync(join(folder, 'Bench'), { recursive: true });
  for (let count = 0; count < CHANGES; count++) {
    writeFileSync(join(folder, `Bench/${count}.md`), textOf(count, round));
  }
  return timed(() => {
    git(folder, 'add', '--all');
    git(folder, 'commit', '--quiet', '--message', `Round ${round}`);
  });
}

async function measureCommits(bench: Bench): Promise<Measurement> {
  const [vault, data, plain] = ['git-vault', 'git-data', 'git-plain'].map((name) => join(bench.scratch, name)) as [
    string,
    string,
    string,
  ];
  cpSync(bench.vault, vault, { recursive: true });
  mkdirSync(data);
  git(vault, 'init', '--quiet', '--initial-branch=main');
  git(vault, 'add', '--all');
  git(vault, 'commit', '--quiet', '--message', 'Begin');
  cpSync(vault, plain, { recursive: true });
  const settings = { ...isolated, GIT_COMMIT_QUIET_MS: String(QUIET) };
  const weave = await startWeave({ vault, data }, [], settings);
  await weave.ready();
  await weave.settled();
  await until(
    'nothing waits for being committed',
    async () => (await weave.call('/v1/git/status')).json.pending.changes === 0,
    LONGEST,
  );
  const client = createHttpClient(weave.url);
  const [ours, baseline]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(await commitByWeave(client, vault, round));
    baseline.push(commitByHand(plain, round));
  }
  client.close();
  await weave.stop();
  return {
    name: `commit ${CHANGES} changes made in a second`,
    ours: showSpread(ours),
    baseline: showSpread(baseline),
    ratio: median(ours) / median(baseline),
    wanted: '—',
    ok: null,
    notes: [
      `ours is counted after ${QUIET} ms of quiet, from event to branch, and waits for the disk; the baseline is git add --all and git commit, which do not`,
      `commits for ${ROUNDS} rounds: ${Number(git(vault, 'rev-list', '--count', 'HEAD')) - 1}`,
    ],
  };
}

/** A repository of many commits, each of one note; the last note was renamed half-way. */
async function importHistory(folder: string): Promise<string> {
  mkdirSync(folder);
  git(folder, 'init', '--quiet', '--initial-branch=main');
  const child = spawn('git', ['fast-import', '--quiet'], { cwd: folder, env, stdio: ['pipe', 'inherit', 'inherit'] });
  const ended = once(child, 'exit');
  const half = COMMITS / 2;
  for (let count = 1; count <= COMMITS; count++) {
    const note = count % NOTES;
    const path = note === 0 && count > half ? 'Renamed.md' : `Notes/${note}.md`;
    // No line is another note's, or git would take the notes for copies of each other.
    const lines = Array.from(
      { length: 8 },
      (_, line) => `Line ${line} of note ${note}, which stays in every version.\n`,
    );
    const text = `# Note ${note}\n\n${lines.join('')}Edit ${count}.\n`;
    const commit = [
      'commit refs/heads/main',
      `committer Bench <bench@example.org> ${1_700_000_000 + count} +0000`,
      'data 4',
      `edit`,
      ...(note === 0 && count === half + NOTES ? [`R Notes/${note}.md ${path}`] : []),
      `M 100644 inline ${path}`,
      `data ${Buffer.byteLength(text)}`,
      text,
    ].join('\n');
    if (!child.stdin.write(`${commit}\n`)) await once(child.stdin, 'drain');
  }
  child.stdin.end();
  await ended;
  git(folder, 'reset', '--quiet', '--hard');
  return 'Renamed.md';
}

async function measureHistory(bench: Bench): Promise<Measurement[]> {
  const [vault, data] = [join(bench.scratch, 'git-long'), join(bench.scratch, 'git-long-data')];
  const path = await importHistory(vault);
  mkdirSync(data);
  const weave = await startWeave({ vault, data }, [], { ...isolated, GIT_AUTO_COMMIT: 'false' });
  await weave.ready();
  const client = createHttpClient(weave.url);

  async function read(query: string): Promise<{ ms: number; items: { sha: string }[]; nextCursor: string | null }> {
    const { status, body, ms } = await client.send('GET', `/v1/git/history?limit=100&${query}`);
    if (status !== 200) throw new Error(`the history was answered with ${status}: ${body}`);
    return { ms, ...JSON.parse(body) };
  }
  const follow = () => git(vault, 'log', '--follow', '--format=%H', '--', path);
  async function compare(what: string): Promise<Measurement> {
    const [ours, baseline]: [number[], number[]] = [[], []];
    for (let count = 0; count < READS; count++) {
      ours.push((await read(`path=${path}`)).ms);
      baseline.push(timed(follow));
    }
    return {
      name: `history of a note, ${COMMITS} commits, ${what}`,
      ours: showSpread(ours),
      baseline: showSpread(baseline),
      ratio: median(ours) / median(baseline),
      wanted: '—',
      ok: null,
    };
  }
  const wanted = follow().trim().split('\n');
  const found = (await read(`path=${path}`)).items.map(({ sha }) => sha);
  if (wanted.join() !== found.join()) throw new Error(`${found.length} commits were found, not ${wanted.length}`);
  const before = await compare('no graph');
  const writing = timed(() => git(vault, 'commit-graph', 'write', '--reachable', '--changed-paths'));
  const after = await compare('with the graph that is written daily');

  const pages: number[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const page: Awaited<ReturnType<typeof read>> = await read(cursor && `cursor=${cursor}`);
    pages.push(page.ms);
    cursor = page.nextCursor;
  }
  client.close();
  await weave.stop();
  after.notes = [
    `the graph was written in ${showMs(writing)}; all ${pages.length} pages of 100 commits: ${showSpread(pages)}`,
    `the first page ${showMs(pages[0] ?? 0)}, the last ${showMs(pages.at(-1) ?? 0)}`,
  ];
  return [before, after];
}

/** What committing costs beside plain git, and reading the history of a note beside `git log --follow`. */
const figure: Figure = async (bench) => [await measureCommits(bench), ...(await measureHistory(bench))];

export { figure as git };
