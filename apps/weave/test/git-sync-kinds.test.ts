import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { until } from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { note, openRemoteWorld, type RemoteWorld } from './fixture/remote.ts';

describe.each(['merge', 'rebase'] as const)('a synchronisation by %s', (mode) => {
  let world: RemoteWorld;
  const inVault = (path: string) => join(world.system.vault, path);
  const textOf = (path: string) => readFileSync(inVault(path), 'utf8');
  const isExecutable = (path: string) => (statSync(inVault(path)).mode & 0o111) !== 0;
  const treeOf = (person: RemoteWorld['vault'], path: string) => person.git('ls-tree', 'HEAD', '--', path).slice(0, 6);
  const findings = async () => (await world.system.call('/v1/git/status')).json.findings;

  /** Somebody else changes the notes by their own means, and pushes that. */
  function pushChange(change: (folder: string) => void): void {
    const { git } = world.other;
    git('pull', '-q', '--rebase', 'origin', 'main');
    change(world.elsewhere);
    git('add', '-A');
    git('commit', '-qm', 'Change things');
    git('push', '-q', 'origin', 'HEAD:main');
  }
  const write = (folder: string, path: string, text = note) => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  /** Both sides have the same, and nothing is left to do. */
  async function agree() {
    expect((await world.sync()).json).toMatchObject({ state: 'up-to-date', pulled: [], pushed: false });
    expect(world.vault.git('status', '--porcelain')).toBe('');
    world.other.git('pull', '-q', '--rebase', 'origin', 'main');
    expect(world.other.head()).toBe(world.vault.head());
  }
  async function synchronise() {
    const { json } = await world.sync();
    expect(json.state, JSON.stringify(json)).toBe('synchronised');
    return json;
  }

  beforeAll(async () => {
    world = await openRemoteWorld(mode);
  });
  afterAll(() => world?.stop());

  test('brings executable files, and changes of nothing but the mode, both ways', async () => {
    pushChange((folder) => {
      write(folder, 'run.sh', '#!/bin/sh\n');
      chmodSync(join(folder, 'run.sh'), 0o755);
      chmodSync(join(folder, 'Words.md'), 0o755);
    });
    await synchronise();
    expect([isExecutable('run.sh'), isExecutable('Words.md')]).toEqual([true, true]);
    await world.system.put('run.sh', '#!/bin/sh\necho\n');
    await world.sync();
    await agree();
    expect(treeOf(world.other, 'run.sh')).toBe('100755');

    pushChange((folder) => chmodSync(join(folder, 'Words.md'), 0o644));
    await synchronise();
    expect(isExecutable('Words.md')).toBe(false);
    chmodSync(inVault('run.sh'), 0o644);
    await world.sync();
    await agree();
    expect(treeOf(world.other, 'run.sh')).toBe('100644');
  });

  test('keeps modes that core.fileMode says not to look at', async () => {
    world.vault.git('config', 'core.fileMode', 'false');
    pushChange((folder) => {
      write(folder, 'tool.sh');
      chmodSync(join(folder, 'tool.sh'), 0o755);
    });
    await synchronise();
    await world.system.put('tool.sh', 'changed\n');
    await world.sync();
    await agree();
    expect(treeOf(world.other, 'tool.sh')).toBe('100755');
    expect(isExecutable('tool.sh')).toBe(false);
    chmodSync(inVault('tool.sh'), 0o755);
    world.vault.git('config', 'core.fileMode', 'true');
  });

  test('brings symbolic links as they are, both ways, and never what they point to', async () => {
    const outside = join(world.folder, 'outside');
    write(outside, 'Private.md', 'private\n');
    pushChange((folder) => {
      symlinkSync('Words.md', join(folder, 'Link.md'));
      symlinkSync(outside, join(folder, 'Away'));
    });
    await synchronise();
    expect(readlinkSync(inVault('Link.md'))).toBe('Words.md');
    expect(readlinkSync(inVault('Away'))).toBe(outside);
    symlinkSync('Shared.md', inVault('Mine.md'));
    await world.sync();
    await agree();
    expect(treeOf(world.other, 'Mine.md')).toBe('120000');

    pushChange((folder) => {
      rmSync(join(folder, 'Away'));
      write(folder, 'Away/Private.md', 'mine\n');
      rmSync(join(folder, 'Link.md'));
      write(folder, 'Link.md');
    });
    await synchronise();
    expect(readFileSync(join(outside, 'Private.md'), 'utf8')).toBe('private\n');
    expect(lstatSync(inVault('Away')).isDirectory()).toBe(true);
    expect(textOf('Away/Private.md')).toBe('mine\n');
    expect(textOf('Link.md')).toBe(note);
    await agree();
  });

  test.each([
    ['only in case', 'Case/Alpha.md', 'Case/alpha.md'],
    ['only in case, the other way', 'Case/beta.md', 'Case/Beta.md'],
    ['only in normalisation', 'Case/Caf\u00e9.md', 'Case/Cafe\u0301.md'],
    ['only in the case of its folder', 'Gamma/Note.md', 'gamma/Note.md'],
  ])('brings a rename that differs %s', async (_, before, after) => {
    pushChange((folder) => write(folder, before));
    await synchronise();
    pushChange((folder) => {
      rmSync(join(folder, before));
      write(folder, after);
    });
    await synchronise();
    expect([existsSync(inVault(before)), textOf(after)]).toEqual([false, note]);
    await agree();
    expect(await findings()).toEqual([]);

    pushChange((folder) => {
      rmSync(join(folder, after));
      write(folder, before, note.replace('first', 'renamed and edited'));
    });
    await synchronise();
    expect([existsSync(inVault(after)), textOf(before)]).toEqual([false, note.replace('first', 'renamed and edited')]);
    await agree();
  });

  test('brings back what a commit from before such a rename has', async () => {
    pushChange((folder) => write(folder, 'Old/Name.md'));
    await synchronise();
    const then = world.vault.head();
    pushChange((folder) => {
      rmSync(join(folder, 'Old/Name.md'));
      write(folder, 'Old/name.md', note.replace('first', 'later'));
    });
    await synchronise();
    const restored = await world.system.post('/v1/git/restore', { path: 'Old/Name.md', sha: then });
    expect(restored.status, restored.text).toBe(200);
    expect([existsSync(inVault('Old/name.md')), textOf('Old/Name.md')]).toEqual([false, note]);
    await world.sync();
    await agree();

    const lower = world.vault.git('rev-parse', 'HEAD~1').trim();
    const folder = await world.system.post('/v1/git/restore', { path: 'Old', sha: lower, removeOthers: true });
    expect(folder.status, folder.text).toBe(200);
    expect(readdirSync(inVault('Old')).filter((name) => !name.startsWith('.'))).toEqual(['name.md']);
    await world.sync();
    await agree();
  });

  test('holds back a file whose name differs from another only in case, and brings the rest', async () => {
    pushChange((folder) => {
      write(folder, 'Twin/Note.md', 'one\n');
      write(folder, 'Twin/note.md', 'another\n');
      write(folder, 'Twin/Rest.md', 'rest\n');
    });
    await synchronise();
    expect([textOf('Twin/Note.md'), textOf('Twin/Rest.md')]).toEqual(['one\n', 'rest\n']);
    expect(await findings()).toMatchObject([
      { path: 'Twin/note.md', rule: 'sync', level: 'block', reason: expect.stringContaining('Twin/Note.md') },
    ]);
    await world.system.put('Twin/Rest.md', 'changed\n');
    await world.sync();
    await world.system.post('/v1/git/commit', {});
    expect(world.vault.git('show', 'HEAD:Twin/note.md')).toBe('another\n');
    expect(world.vault.git('show', 'HEAD:Twin/Rest.md')).toBe('changed\n');

    pushChange((folder) => rmSync(join(folder, 'Twin/Note.md')));
    await synchronise();
    expect([existsSync(inVault('Twin/Note.md')), textOf('Twin/note.md')]).toEqual([false, 'another\n']);
    expect(await findings()).toEqual([]);
    await agree();
  });

  test('brings a file that becomes a folder, and a folder that becomes a file', async () => {
    pushChange((folder) => {
      write(folder, 'Thing.md');
      write(folder, 'Things/Deep/One.md');
      write(folder, 'Things/Two.md');
    });
    await synchronise();
    pushChange((folder) => {
      rmSync(join(folder, 'Thing.md'));
      write(folder, 'Thing.md/Inside.md');
      rmSync(join(folder, 'Things'), { recursive: true });
      write(folder, 'Things', 'a file\n');
    });
    await synchronise();
    expect([textOf('Thing.md/Inside.md'), textOf('Things')]).toEqual([note, 'a file\n']);
    expect(await findings()).toEqual([]);
    await agree();
  });

  test('removes folders that it leaves empty, and no others', async () => {
    pushChange((folder) => {
      write(folder, 'Gone/Deep/One.md');
      write(folder, 'Kept/Deep/One.md');
      write(folder, 'Kept/Two.md');
    });
    await synchronise();
    mkdirSync(inVault('Empty before'));
    writeFileSync(inVault('Kept/Deep/.hidden'), 'somebody else\n');
    pushChange((folder) => {
      rmSync(join(folder, 'Gone'), { recursive: true });
      rmSync(join(folder, 'Kept/Deep/One.md'));
    });
    await synchronise();
    await until('the folder is gone', () => !existsSync(inVault('Gone')));
    expect([existsSync(inVault('Kept/Deep')), existsSync(inVault('Empty before'))]).toEqual([true, true]);
    rmSync(inVault('Kept/Deep/.hidden'));
  });

  test('holds back what is below a symbolic link here, and brings the rest', async () => {
    const outside = join(world.folder, 'elsewhere outside');
    mkdirSync(outside);
    writeFileSync(inVault('.gitignore'), 'Elsewhere\n');
    symlinkSync(outside, inVault('Elsewhere'));
    pushChange((folder) => {
      write(folder, 'Elsewhere/Note.md');
      write(folder, 'Elsewhere/.hidden');
      write(folder, 'Beside.md');
    });
    await synchronise();
    expect(textOf('Beside.md')).toBe(note);
    expect(readdirSync(outside)).toEqual([]);
    expect((await findings()).map(({ path }: { path: string }) => path)).toEqual([
      'Elsewhere/.hidden',
      'Elsewhere/Note.md',
    ]);
    rmSync(inVault('Elsewhere'));
    await world.sync();
    expect(textOf('Elsewhere/Note.md')).toBe(note);
    expect(await findings()).toEqual([]);
  });
});
