import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { followEvents, startSystem, type TestSystem, until, writeFiles } from '@weave-nn/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { services } from '../src/services.ts';

type Stream = Awaited<ReturnType<typeof followEvents>>;

let system: TestSystem;
let stream: Stream;
const at = (path: string) => join(system.vault, path);
/** What happened, without times and ids. */
const told = () =>
  stream.events.map(
    ({ event }) => `${event.type.split('.').pop()} ${event.data.from ? `${event.data.from} → ` : ''}${event.data.path}`,
  );

/** Waits until a marker written last has come, so that all before it has too. */
async function marked(name: string): Promise<string[]> {
  writeFileSync(at(`${name}.marker`), name);
  await until('the marker has come', () => told().includes(`created ${name}.marker`));
  return told().filter((line) => !line.endsWith('.marker'));
}

beforeAll(async () => {
  const notes = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`Notes/${index}.md`, `note ${index}\n`]));
  system = await startSystem({
    definitions: services,
    files: { 'A.md': 'a\n', 'B.md': 'b\n', ...notes },
    // The commits of the test are the person's own.
    environment: { GIT_AUTO_COMMIT: 'false' },
  });
  await system.settled();
});
afterAll(() => system.stop());
beforeEach(async () => {
  stream = await followEvents(system);
});
afterEach(() => stream.close());

describe('an editor', () => {
  test('that writes in place is told of once, with actor and origin', async () => {
    writeFileSync(at('A.md'), 'changed in place\n');
    expect(await marked('place')).toEqual(['updated A.md']);
    expect(stream.events[0]?.event).toMatchObject({
      specversion: '1.0',
      source: '/default/file',
      subject: 'A.md',
      data: { origin: 'watcher', actor: 'watcher', client: null, requestId: null, size: 17 },
    });
    expect(stream.events[0]?.event.data.previousHash).toMatch(/^[0-9a-f]{64}$/);
  });

  test('that writes and renames is told of as an update', async () => {
    writeFileSync(at('.A.md.swp'), 'swapped in\n');
    renameSync(at('.A.md.swp'), at('A.md'));
    expect(await marked('swap')).toEqual(['updated A.md']);
    writeFileSync(at('A.md~tmp'), 'via a visible name\n');
    renameSync(at('A.md~tmp'), at('A.md'));
    expect((await marked('swap2')).filter((line) => line.endsWith('A.md'))).toEqual(['updated A.md', 'updated A.md']);
  });

  test('that writes in several pieces is told of once', async () => {
    const file = openSync(at('Pieces.md'), 'w');
    for (const piece of ['one ', 'two ', 'three\n']) writeSync(file, piece);
    closeSync(file);
    const lines = await marked('pieces');
    expect(lines).toEqual(['created Pieces.md']);
    expect(stream.events[0]?.event.data.size).toBe(14);
  });

  test('that empties a file before it writes it is told of once, though somebody else writes there meanwhile', async () => {
    const file = openSync(at('A.md'), 'w');
    const appending = system.call('/v1/files/A.md', { method: 'POST', body: 'appended\n' });
    // As long as an editor needs; nothing waits for it.
    await setTimeout(10);
    writeSync(file, 'written in place\n');
    closeSync(file);
    expect((await appending).status).toBe(200);
    expect(await marked('emptied')).toEqual(['updated A.md', 'updated A.md']);
    expect(stream.events.map(({ event }) => event.data.size)).not.toContain(0);
    expect(readFileSync(at('A.md'), 'utf8')).toBe('written in place\nappended\n');
  });

  test('that touches a file without changing it is not told of', async () => {
    utimesSync(at('B.md'), new Date(), new Date());
    writeFileSync(at('B.md'), readFileSync(at('B.md')));
    expect(await marked('touch')).toEqual([]);
  });

  test('that deletes, creates and renames is told of with the right types', async () => {
    unlinkSync(at('Notes/0.md'));
    renameSync(at('Notes/1.md'), at('Notes/renamed.md'));
    mkdirSync(at('Fresh/Deep'), { recursive: true });
    writeFileSync(at('Fresh/Deep/new.md'), 'new\n');
    const lines = await marked('mixed');
    expect(lines.sort()).toEqual([
      'created Fresh/Deep/new.md',
      'deleted Notes/0.md',
      'moved Notes/1.md → Notes/renamed.md',
    ]);
  });

  test('that renames a folder is told of as a move of each file, and the folder is still watched', async () => {
    renameSync(at('Fresh'), at('Moved folder'));
    await until('moved', () => told().includes('moved Fresh/Deep/new.md → Moved folder/Deep/new.md'));
    appendFileSync(at('Moved folder/Deep/new.md'), 'more\n');
    await until('updated', () => told().includes('updated Moved folder/Deep/new.md'));
    rmSync(at('Moved folder'), { recursive: true });
    await until('deleted', () => told().includes('deleted Moved folder/Deep/new.md'));
    mkdirSync(at('Moved folder'));
    await marked('again');
    writeFileSync(at('Moved folder/again.md'), 'again\n');
    await until('created', () => told().includes('created Moved folder/again.md'));
    expect(await marked('folder')).toHaveLength(4);
  });

  test('that writes a file with a hidden or temporary name is not told of', async () => {
    writeFiles(system.vault, { '.obsidian/workspace.json': '{}', 'Notes/.note.md.swp': 'x', '.cache/x.md': 'x' });
    expect(await marked('hidden')).toEqual([]);
  });
});

describe('our own writes', () => {
  test('are told of once, with the key as actor', async () => {
    const { headers } = await system.put('Mine.md', 'one\n', { 'x-request-id': 'request-1', 'user-agent': 'a test' });
    expect(headers.get('x-request-id')).toBe('request-1');
    await system.put('Mine.md', 'two\n');
    await system.post('/v1/files:move', { from: 'Mine.md', to: 'Ours.md' });
    await system.call('/v1/files/Ours.md', { method: 'DELETE' });
    expect(await marked('own')).toEqual([
      'created Mine.md',
      'updated Mine.md',
      'moved Mine.md → Ours.md',
      'deleted Ours.md',
    ]);
    expect(stream.events[0]?.event.data).toMatchObject({
      actor: 'key:default',
      client: 'a test',
      requestId: 'request-1',
      origin: 'api',
    });
    const sequences = stream.events.slice(0, 4).map(({ event }) => `${event.subject} ${Number(event.sequence)}`);
    expect(sequences).toEqual(['Mine.md 1', 'Mine.md 2', 'Ours.md 1', 'Ours.md 2']);
    expect(stream.events[2]?.event.data.fromSequence).toBe('00000000000000000003');
  });
});

describe('git', () => {
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], {
      cwd: system.vault,
      stdio: 'pipe',
    });

  test('that checks out a branch of 1,000 changed files is told of with one event for each', async () => {
    const files = (text: string) =>
      Object.fromEntries(
        Array.from({ length: 1000 }, (_, index) => [`Git/${index % 10}/${index}.md`, `${text} ${index}\n`]),
      );
    git('init', '-q', '-b', 'one');
    writeFiles(system.vault, files('first'));
    git('add', '-A');
    git('commit', '-qm', 'one');
    git('checkout', '-q', '-b', 'two');
    writeFiles(system.vault, files('second'));
    git('commit', '-qam', 'two');
    await marked('before git');
    await system.settled();
    await stream.close();
    stream = await followEvents(system);
    git('checkout', '-q', 'one');
    await until('all are updated', () => stream.events.length >= 1000);
    const lines = await marked('git');
    expect(lines.filter((line) => line.startsWith('updated Git/'))).toHaveLength(1000);
    expect(new Set(lines).size).toBe(lines.length);
  });
});

describe('changes made while nothing ran', () => {
  test('are told of once after the start, with the right types', async () => {
    await stream.close();
    const last = (await system.call('/v1/system')).json.index.position;
    system = await system.restart(() => {
      writeFileSync(at('While down.md'), 'created\n');
      writeFileSync(at('A.md'), 'updated while down\n');
      unlinkSync(at('B.md'));
      renameSync(at('Notes/2.md'), at('Notes/two.md'));
    });
    await system.settled();
    stream = await followEvents(system, `?after=${last}`);
    const lines = await marked('down');
    expect(lines.sort()).toEqual([
      'created While down.md',
      'deleted B.md',
      'moved Notes/2.md → Notes/two.md',
      'updated A.md',
    ]);
    await system.settled();
    expect(await system.search('"updated while down"')).toEqual(['A.md']);
  });
});

describe('an editor that saves at the moment of our own write', () => {
  /** Waits, without giving away time, until a write is under way or over. */
  async function begun(writing: Promise<unknown>): Promise<boolean> {
    let over = false;
    writing.finally(() => {
      over = true;
    });
    while (!over) {
      if (readdirSync(system.vault).some((name) => /^\.weave-tmp-.*-0$/.test(name))) return true;
      await setImmediate();
    }
    return false;
  }

  test('loses nothing: both texts are kept, and a conflict is told of', async () => {
    await system.put('Shared.md', 'base\n');
    const texts = ['base\n'];
    for (let round = 0; round < 60; round++) {
      const [ours, theirs] = [`ours ${round}\n`, `theirs ${round}\n`];
      const writing = system.put('Shared.md', ours);
      if (await begun(writing)) {
        writeFileSync(at('Shared.md'), theirs);
        texts.push(theirs);
      }
      await writing;
      texts.push(ours);
    }
    await marked('conflicts');
    await until(
      'everything set aside is dropped',
      () => !readdirSync(system.vault).some((name) => name.startsWith('.weave-tmp-')),
    );
    const kept = readdirSync(system.vault).filter((name) => name.startsWith('Shared (conflict'));
    const onDisk = [...kept, 'Shared.md'].map((name) => readFileSync(at(name), 'utf8'));
    for (const text of texts)
      expect(onDisk.includes(text) || (await versionsHave(text)), JSON.stringify(text)).toBe(true);
    expect(kept.length).toBeGreaterThan(0);
    expect(stream.events.filter(({ type }) => type === 'vault.file.conflict')).toHaveLength(kept.length);
  });

  async function versionsHave(text: string): Promise<boolean> {
    const hash = createHash('sha256').update(text).digest('hex');
    const { json } = await system.call('/v1/versions/Shared.md?limit=1000');
    return json.items.some((item: { hash: string }) => item.hash === hash);
  }
});

describe('at the end', () => {
  test('vault, manifest, index and event log agree', async () => {
    await system.settled();
    const { json } = await system.call('/v1/system/check');
    expect(json.checks.flatMap(({ disagreements }: { disagreements: unknown[] }) => disagreements)).toEqual([]);
  });
});
