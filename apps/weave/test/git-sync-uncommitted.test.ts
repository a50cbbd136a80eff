import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { encodePath, followEvents, until, writeFiles } from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { note, openRemoteWorld, type RemoteWorld } from './fixture/remote.ts';

/** Nothing in this folder is ever committed here, so that what the remote has always meets what is not. */
const rules = 'rules:\n  - rule: size\n    folder: Held\n    max: 1 B\n';

describe('a synchronisation that meets what is not committed', () => {
  let world: RemoteWorld;
  const inVault = (path: string) => readFileSync(join(world.system.vault, path), 'utf8');
  const write = (path: string, text: string) => world.system.put(path, text);
  const removeElsewhere = (path: string) => {
    const { git } = world.other;
    git('pull', '-q', '--rebase', 'origin', 'main');
    git('rm', '-q', path);
    git('commit', '-qm', `Remove ${path}`);
    git('push', '-q', 'origin', 'HEAD:main');
  };

  beforeAll(async () => {
    world = await openRemoteWorld('merge');
    writeFiles(world.system.vault, { '.weave/validation.yml': rules });
    mkdirSync(join(world.elsewhere, 'Held'));
    for (const name of ['Both', 'Same', 'Theirs gone', 'Ours gone']) world.push(`Held/${name}.md`, note);
    expect((await world.sync()).json.pulled).toHaveLength(4);
  });
  afterAll(() => world?.stop());

  test('brings edits of different lines together in the note', async () => {
    await write('Held/Both.md', note.replace('first', 'FIRST'));
    world.push('Held/Both.md', note.replace('third', 'THIRD'));
    expect((await world.sync()).json).toMatchObject({ pulled: ['Held/Both.md'], pushed: false, conflicts: [] });
    expect(inVault('Held/Both.md')).toBe(note.replace('first', 'FIRST').replace('third', 'THIRD'));
    expect(world.vault.git('show', 'HEAD:Held/Both.md')).toBe(note.replace('third', 'THIRD'));
  });

  test('puts the other text beside the note when the same line was changed, and says so', async () => {
    const events = await followEvents(world.system, '?type=git.conflict');
    await write('Held/Same.md', note.replace('second', 'our'));
    world.push('Held/Same.md', note.replace('second', 'their'));
    const [{ path, conflictPath }] = (await world.sync()).json.conflicts;
    expect(path).toBe('Held/Same.md');
    expect(conflictPath).toMatch(/^Held\/Same \(conflict \d{4}-\d\d-\d\d \d{6}\)\.md$/);
    expect([inVault(path), inVault(conflictPath)]).toEqual([
      note.replace('second', 'our'),
      note.replace('second', 'their'),
    ]);
    const told = await until('it is told', () => events.events[0]);
    expect(told.event).toMatchObject({ subject: path, data: { path, conflictPath } });
    await events.close();
  });

  test('keeps a note that the other side removed, and one that was removed here', async () => {
    await write('Held/Theirs gone.md', note.replace('second', 'our'));
    removeElsewhere('Held/Theirs gone.md');
    await world.system.call(`/v1/files/${encodePath('Held/Ours gone.md')}`, { method: 'DELETE' });
    world.push('Held/Ours gone.md', note.replace('second', 'their'));
    const { conflicts } = (await world.sync()).json;
    expect(conflicts.map(({ path, conflictPath }: Record<string, string>) => [path, conflictPath]).sort()).toEqual(
      ['Held/Ours gone.md', 'Held/Theirs gone.md'].map((path) => [path, path]),
    );
    expect(inVault('Held/Theirs gone.md')).toBe(note.replace('second', 'our'));
    expect(inVault('Held/Ours gone.md')).toBe(note.replace('second', 'their'));
  });

  test('brings what the remote has though the note is written all the time', async () => {
    const path = 'Held/Busy.md';
    world.push(path, note);
    await world.sync();
    const lines: string[] = [];
    let going = true;
    async function writeOn() {
      while (going) {
        const line = `line ${lines.length}\n`;
        lines.push(line);
        await world.system.call(`/v1/files/${encodePath(path)}`, { method: 'POST', body: line });
      }
    }
    const writing = Promise.all([writeOn(), writeOn()]);
    world.push(path, note.replace('first', 'FIRST'));
    expect((await world.sync()).json).toMatchObject({ state: 'synchronised', pulled: [path] });
    going = false;
    await writing;
    for (const line of lines) expect(inVault(path)).toContain(line);
    const names = readdirSync(join(world.system.vault, 'Held')).filter((name) => name.startsWith('Busy'));
    expect(names.filter((name) => inVault(`Held/${name}`).includes('FIRST'))).toHaveLength(1);
  });
});
