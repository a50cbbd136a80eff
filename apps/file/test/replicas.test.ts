import { createHash, randomUUID } from 'node:crypto';
import { globSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { hasServers, until, writeFiles } from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { replayEvents } from './fixture/history.ts';
import { createReplicas, type ReplicaProcess, type Replicas } from './fixture/replicas.ts';

const hashOf = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const logs = Array.from({ length: 5 }, (_, index) => `Logs/${index}.md`);
const notes = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`Notes/${index}.md`, `note ${index}\n`]));
const KILLS = 3;

describe.skipIf(!(await hasServers()))('two processes of the file service on one vault', () => {
  let replicas: Replicas;
  let leading: ReplicaProcess;
  let following: ReplicaProcess;

  const at = (path: string) => join(replicas.vault, path);
  const both = () => [leading, following].filter((each) => !each.hasEnded());
  const linesOf = (path: string) => readFileSync(at(path), 'utf8').trimEnd().split('\n').sort();

  /** Every visible file with its hash. */
  function onDisk(): Map<string, string> {
    const paths = globSync('**/*.md', { cwd: replicas.vault }).sort();
    return new Map(paths.map((path) => [path, hashOf(readFileSync(at(path)))]));
  }

  /** Waits until disk, manifest and events say the same and nothing is left to do, then looks once more. */
  async function agreed(): Promise<void> {
    const { database } = replicas;
    const count = async (table: string) =>
      (await database.read.get<{ total: number }>(`SELECT count(*) AS total FROM ${table}`))?.total;
    const manifest = async () => {
      const rows = await database.read.all<{ path: string; hash: string }>('SELECT path, hash FROM manifest');
      return new Map(rows.map(({ path, hash }) => [path, hash]));
    };
    const sorted = (files: ReadonlyMap<string, string>) => [...files].sort(([one], [other]) => (one < other ? -1 : 1));
    await until('the manifest has what is on disk', async () => {
      expect(sorted(await manifest())).toEqual(sorted(onDisk()));
      return true;
    });
    await until('nothing is left to do', async () => {
      expect(await Promise.all([count('write_group'), count('path_lock')])).toEqual([0, 0]);
      expect(globSync('**/.weave-tmp-*', { cwd: replicas.vault })).toEqual([]);
      return true;
    });
    const { files, wrong } = await replayEvents(database);
    expect(wrong).toEqual([]);
    expect(sorted(files)).toEqual(sorted(onDisk()));
  }

  beforeAll(async () => {
    replicas = await createReplicas({ ...notes, ...Object.fromEntries(logs.map((path) => [path, 'begin\n'])) });
    leading = await replicas.start();
    following = await replicas.start();
  });
  afterAll(() => replicas?.remove());

  test('are ready once one of them has compared the vault', async () => {
    expect(await replicas.leader()).not.toBeNull();
    expect(await Promise.all(both().map((each) => each.isReady()))).toEqual([true, true]);
    const [one, other] = await Promise.all(both().map((each) => each.call('/v1/files?limit=1000')));
    expect(one?.text).toBe(other?.text);
    expect(JSON.parse(one?.text ?? '').items).toHaveLength(35);
  });

  test('hand out texts of notes only, though another file has the same bytes', async () => {
    const rowsIn = (folder: string) =>
      replicas.database.read.all(`SELECT path FROM manifest WHERE path LIKE '${folder}/%'`);
    writeFiles(replicas.vault, { 'Same/note.md': 'the same\n', 'Same/plain.txt': 'the same\n' });
    await until('both are recorded', async () => (await rowsIn('Same')).length === 2);
    for (const each of both()) {
      const body = JSON.stringify({ paths: ['Same/plain.txt', 'Same/note.md'] });
      const headers = { 'content-type': 'application/json' };
      const { text } = await each.call('/internal/files:read', { method: 'POST', headers, body });
      const { states } = JSON.parse(text) as { states: { content: string | null }[] };
      expect(states.map(({ content }) => content)).toEqual([null, 'the same\n']);
    }
    rmSync(at('Same'), { recursive: true });
    await until('they are gone', async () => (await rowsIn('Same')).length === 0);
  });

  test('take writes to the same paths at once, and lose and double no line', async () => {
    const lines = Array.from({ length: 200 }, (_, index) => ({ path: logs[index % 5] ?? '', line: `line ${index}` }));
    await Promise.all(lines.map(({ path, line }) => replicas.append(path, line, both)));
    for (const log of logs) {
      const expected = lines.filter(({ path }) => path === log).map(({ line }) => line);
      expect(linesOf(log)).toEqual(['begin', ...expected].sort());
    }
    await agreed();
  });

  test('do a request once that comes to both with one key', async () => {
    const answers = await Promise.all(
      both().map((each) =>
        each.call('/v1/files/Once.md', { method: 'POST', headers: { 'idempotency-key': 'one' }, body: 'once\n' }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
    expect(answers[0]?.text).toBe(answers[1]?.text);
    expect(readFileSync(at('Once.md'), 'utf8')).toBe('once\n');
    await agreed();
  });

  test('tell of what an editor does once, while both write as well', async () => {
    const { database } = replicas;
    const before = (await database.read.all('SELECT 1 FROM outbox')).length;
    const appending = Array.from({ length: 20 }, (_, index) =>
      replicas.append(logs[index % 5] ?? '', `beside ${index}`, both),
    );
    writeFiles(replicas.vault, { 'Editor/new.md': 'new\n', 'Notes/0.md': 'changed\n' });
    renameSync(at('Notes/1.md'), at('Notes/renamed.md'));
    rmSync(at('Notes/2.md'));
    await Promise.all(appending);
    await agreed();
    const rows = await database.read.all<{ body: string }>(
      'SELECT body FROM outbox ORDER BY position OFFSET ?',
      before,
    );
    const told = rows
      .map(({ body }) => JSON.parse(body))
      .filter(({ data }) => data.origin === 'watcher')
      .map(({ type, data }) => `${type.split('.').at(-1)} ${data.path}`);
    expect(told.sort()).toEqual([
      'created Editor/new.md',
      'deleted Notes/2.md',
      'moved Notes/renamed.md',
      'updated Notes/0.md',
    ]);
  });

  test('leave alone what a third has decided, until it is dead; then they carry it out before anything newer', async () => {
    const { database } = replicas;
    const [id, group] = [randomUUID(), randomUUID()];
    const temporary = `.weave-tmp-${id}.1-${group}-0`;
    const text = 'decided by the third\n';
    writeFiles(replicas.vault, { [temporary]: text });
    await database.transaction(async (sql) => {
      await sql.run('INSERT INTO lease VALUES (?, ?, 1, ?)', `replica:default:${id}`, id, Date.now() + 3_600_000);
      await sql.run(`INSERT INTO path_lock VALUES ('default', 'Third.md', ?, 0)`, `${id}.1`);
      await sql.run(
        `INSERT INTO write_group (id, vault_id, state, actor, origin, decided_at, owner)
         VALUES (?, 'default', 'decided', 'key:third', 'api', 1, ?)`,
        group,
        `${id}.1`,
      );
      await sql.run(
        `INSERT INTO write_intent (group_id, ordinal, kind, path, temporary, aside, hash_after)
         VALUES (?, 0, 'put', 'Third.md', ?, ?, ?)`,
        group,
        temporary,
        `${temporary}-old`,
        hashOf(text),
      );
    });
    const appending = replicas.append('Third.md', 'newer', both);
    await until('it waits for the third', () =>
      database.read.get(`SELECT 1 AS found FROM path_lock WHERE path = 'Third.md' AND wanted = 1`),
    );
    const renewed = () =>
      database.read.get<{ expires_at: number }>(`SELECT expires_at FROM lease WHERE name = 'leader:default'`);
    const before = (await renewed())?.expires_at ?? 0;
    // A leader that has renewed its lease twice has looked for dead processes as well.
    await until('the leader has looked', async () => ((await renewed())?.expires_at ?? 0) > before + 3_900);
    expect(await database.read.get('SELECT state FROM write_group WHERE id = ?', group)).toEqual({ state: 'decided' });
    expect(readFileSync(at(temporary), 'utf8')).toBe(text);
    await database.transaction((sql) => sql.run('UPDATE lease SET expires_at = 1 WHERE owner = ?', id));
    await appending;
    expect(readFileSync(at('Third.md'), 'utf8')).toBe(`${text}newer\n`);
    await agreed();
  });

  test('lose and double nothing when the one that leads is killed again and again', { timeout: 180_000 }, async () => {
    const acknowledged: { path: string; line: string }[] = [];
    let over = false;

    async function write(writer: number) {
      for (let number = 0; !over; number++) {
        const [path, line] = [logs[(writer + number) % 5] ?? '', `killed ${writer} ${number}`];
        await replicas.append(path, line, both);
        acknowledged.push({ path, line });
      }
    }

    async function edit() {
      for (let number = 0; !over; number++) {
        const path = `Editor/${number % 10}.md`;
        writeFileSync(at(path), `edit ${number}\n`);
        if (number % 4 === 3) renameSync(at(path), at(`Editor/moved ${number}.md`));
        if (number % 7 === 6) rmSync(at(path), { force: true });
        const known = acknowledged.length;
        while (!over && acknowledged.length === known) await setImmediate();
      }
    }

    async function killAgainAndAgain() {
      for (let kill = 0; kill < KILLS; kill++) {
        const [leader, known] = [await replicas.leader(), acknowledged.length];
        await until('it is in the middle of writing', () => acknowledged.length > known + 10);
        await leading.end('SIGKILL');
        await until('the other leads', async () => {
          const now = await replicas.leader();
          return now !== null && now !== leader;
        });
        leading = following;
        following = await replicas.start();
      }
    }

    const working = Promise.all([edit(), ...[0, 1, 2, 3].map(write)]);
    await killAgainAndAgain().finally(() => {
      over = true;
    });
    await working;
    await agreed();
    for (const log of logs) {
      const killed = linesOf(log).filter((line) => line.startsWith('killed'));
      const expected = acknowledged.filter(({ path }) => path === log).map(({ line }) => line);
      expect(killed).toEqual(expected.sort());
    }
  });

  test('lose and double nothing when the database ends their connections again and again', async () => {
    const lines = Array.from({ length: 60 }, (_, index) => `cut off ${index}`);
    let done = 0;
    const appending = lines.map(async (line, index) => {
      await replicas.append(logs[index % 5] ?? '', line, both);
      done++;
    });
    for (const wanted of [5, 15, 25, 35, 45]) {
      await until('it is in the middle of writing', () => done >= wanted);
      await replicas.database.read.all(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()`,
      );
    }
    await Promise.all(appending);
    await agreed();
    const kept = logs.flatMap(linesOf).filter((line) => line.startsWith('cut off'));
    expect(kept.sort()).toEqual(lines.sort());
  });

  test('go on when the one that leads hangs in the middle, which does no harm when it wakes up', {
    timeout: 60_000,
  }, async () => {
    await following.end('SIGTERM');
    await until('the other leads', async () => (await replicas.leader()) !== null);
    // A second name that the hanging one makes in the moment of waking up is found by the other's next scan.
    following = await replicas.start({ VAULT_SCAN_INTERVAL: '5' });
    const [leader, hanging, awake] = [await replicas.leader(), leading, following];
    const lines = Array.from({ length: 60 }, (_, index) => `hung ${index}`);
    let live = [hanging, awake];
    const appending = Promise.all(lines.map((line, index) => replicas.append(logs[index % 5] ?? '', line, () => live)));
    await until('it is in the middle of writing', () =>
      replicas.database.read.get(`SELECT 1 AS found FROM write_group WHERE state = 'decided'`),
    );
    process.kill(hanging.pid, 'SIGSTOP');
    live = [awake];
    await until('the other leads', async () => {
      const now = await replicas.leader();
      return now !== null && now !== leader;
    });
    await replicas.append('Logs/0.md', 'meanwhile', () => live);
    process.kill(hanging.pid, 'SIGCONT');
    live = [hanging, awake];
    await appending;
    await agreed();
    const hung = logs.flatMap(linesOf).filter((line) => line.startsWith('hung'));
    expect(hung.sort()).toEqual(lines.sort());
    [leading, following] = [awake, hanging];
  });

  test('hand over at once when the one that leads is stopped', async () => {
    const leader = await replicas.leader();
    expect(await leading.end('SIGTERM')).toBe(0);
    await until('the other leads', async () => {
      const now = await replicas.leader();
      return now !== null && now !== leader;
    });
    await replicas.append('Logs/0.md', 'alone', both);
    writeFiles(replicas.vault, { 'Editor/alone.md': 'alone\n' });
    await agreed();
    expect(await following.end('SIGTERM')).toBe(0);
    expect(await replicas.database.read.all('SELECT owner FROM lease WHERE owner IS NOT NULL')).toEqual([]);
  });
});
