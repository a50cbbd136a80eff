import { execFileSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { startSystem, type TestSystem, temporaryFolder, until } from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { services } from '../src/services.ts';

let system: TestSystem;
const outside = temporaryFolder('outside');
const at = (path: string) => join(system.vault, path);

beforeAll(async () => {
  writeFileSync(join(outside.path, 'secret.md'), 'outside secret\n');
  system = await startSystem({
    definitions: services,
    files: { 'Good.md': 'a good note\n', 'File.md': 'x\n' },
    environment: { VAULT_SCAN_INTERVAL: '1' },
  });
});
afterAll(async () => {
  await system.stop();
  outside.remove();
});

/** The vault with the paths of its files and their contents. */
function contents() {
  return readdirSync(system.vault, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.weave-tmp') && !entry.name.startsWith('latin '))
    .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), 'utf8').slice(0, 100)]);
}

describe('paths', () => {
  test('through symbolic links out of the vault are refused, for reading and writing', async () => {
    symlinkSync(outside.path, at('link'));
    symlinkSync(join(outside.path, 'secret.md'), at('linked.md'));
    symlinkSync(join(outside.path, 'not there yet.md'), at('dangling.md'));
    for (const path of ['link/secret.md', 'linked.md', 'dangling.md']) {
      expect((await system.call(`/v1/files/${encodeURI(path)}`)).json).toMatchObject({
        status: 400,
        code: 'path-outside-vault',
      });
      expect((await system.put(path, 'overwritten')).json.code).toBe('path-outside-vault');
      expect((await system.post('/v1/files:move', { from: 'Good.md', to: path })).json.code).toBe('path-outside-vault');
    }
    symlinkSync('loop', at('loop'));
    for (const path of ['link/secret.md', 'link/Deeper/secret.md', 'linked.md', 'loop/x.md', 'loop']) {
      const task = { title: 'x', source: { path: path.endsWith('.md') ? path : `${path}.md/x.md` } };
      if (path.endsWith('.md')) {
        expect((await system.post('/v1/tasks', task)).json).toMatchObject({ status: 400, code: 'path-outside-vault' });
      }
      expect((await system.call(`/v1/versions/${path}`)).json.code).toBe('path-outside-vault');
      expect((await system.call(`/v1/context/${path}`)).status).toBeLessThan(500);
    }
    const paths = (await system.call('/v1/files?limit=1000')).json.items.map(({ path }: { path: string }) => path);
    expect(paths.filter((path: string) => /^(link|loop)/.test(path))).toEqual([]);
    expect(readdirSync(outside.path)).toEqual(['secret.md']);
    expect(readFileSync(join(outside.path, 'secret.md'), 'utf8')).toBe('outside secret\n');
    expect(await system.search('"outside secret"')).toEqual([]);
  });

  test('that once came into the manifest from outside leave it at the next scan', async () => {
    mkdirSync(at('Real'), { recursive: true });
    writeFileSync(at('Real/inner.md'), 'innerword\n');
    await until('it is found', async () => (await system.search('innerword')).includes('Real/inner.md'));
    renameSync(at('Real'), join(outside.path, 'Real'));
    symlinkSync(join(outside.path, 'Real'), at('Real'));
    await until('it is gone', async () => (await system.search('innerword')).length === 0);
    await agreed();
    rmSync(join(outside.path, 'Real'), { recursive: true });
    rmSync(at('Real'));
  });

  test('that no client can name are left out everywhere, and the check names them with the reason', async () => {
    const malformed = Buffer.concat([Buffer.from(`${system.vault}/latin `), Buffer.from([0xe9]), Buffer.from('.md')]);
    writeFileSync(malformed, 'malformedword\n');
    writeFileSync(at('bell\u0007.md'), 'bellword\n');
    mkdirSync(at('Tab\tfolder'));
    writeFileSync(at('Tab\tfolder/x.md'), 'tabword\n');
    writeFileSync(at('A real \uFFFD.md'), 'replacementword\n');
    await until('the others are found', async () => (await system.search('replacementword')).length === 1);
    await agreed();
    for (const word of ['malformedword', 'bellword', 'tabword']) expect(await system.search(word)).toEqual([]);
    const { excluded } = (await system.call('/v1/system/check')).json;
    expect(excluded.map(({ path }: { path: string }) => path).sort()).toEqual([
      'Tab\\x09folder',
      'bell\\x07.md',
      'latin \\xe9.md',
    ]);
    expect(excluded.every(({ reason }: { reason: string }) => reason.length > 10)).toBe(true);
  });

  test('of pipes and devices are refused', async () => {
    execFileSync('mkfifo', [at('pipe.md')]);
    expect((await system.put('pipe.md', 'x')).json).toMatchObject({ status: 400, code: 'path-refused' });
    expect((await system.call('/v1/files/pipe.md')).json).toMatchObject({ status: 400, code: 'path-refused' });
    expect((await system.post('/v1/files:move', { from: 'Good.md', to: 'pipe.md' })).status).toBe(400);
  });

  test.each([
    ['a folder where a file is asked', 'Folder', 409, 'path-is-folder'],
    ['a file where a folder is needed', 'File.md/under.md', 409, 'path-under-file'],
    ['a name that is too long', `${'n'.repeat(300)}.md`, 400, 'path-invalid'],
    ['a path that is too long', `${'folder/'.repeat(700)}x.md`, 400, 'path-invalid'],
    ['an empty name', 'a//b.md', 400, 'path-invalid'],
    ['a control character', 'a\nb.md', 400, 'path-invalid'],
    ['a hidden name', '.obsidian/app.json', 400, 'path-hidden'],
    ['our own temporary names', '.weave-tmp-x', 400, 'path-hidden'],
  ])('with %s get their error, and nothing changes', async (_case, path, status, code) => {
    mkdirSync(at('Folder'), { recursive: true });
    const before = contents();
    expect((await system.put(path, 'x')).json).toMatchObject({ status, code });
    expect(contents()).toEqual(before);
  });
});

describe('notes that are hard to read', () => {
  const warning = async (path: string) =>
    (
      await system.call(`/v1/files/${encodeURI(path)}`, { headers: { accept: 'application/json' } })
    ).json.warnings.join();

  test('are indexed as far as possible, with a warning, and others are not affected', async () => {
    const bomb = [
      '---',
      'a: &a [x, x, x, x, x, x, x, x, x]',
      ...Array.from({ length: 9 }, (_, i) => {
        const [name, before] = [String.fromCharCode(98 + i), String.fromCharCode(97 + i)];
        return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(', ')}]`;
      }),
      '---',
      'bombword',
    ].join('\n');
    writeFileSync(at('Bomb.md'), bomb);
    writeFileSync(at('Broken.md'), '---\nkey: [unclosed\n---\nbrokenword\n');
    writeFileSync(at('Latin.md'), Buffer.concat([Buffer.from('latinword '), Buffer.from([0xe9, 0xff, 0x0a])]));
    writeFileSync(at('Links.md'), `linksword ${'[[Good]] '.repeat(100_000)}`);
    writeFileSync(at('Huge.md'), `hugeword\n${'all work and no play\n'.repeat(2_500_000)}`);
    for (const [word, path] of Object.entries({
      bombword: 'Bomb.md',
      brokenword: 'Broken.md',
      latinword: 'Latin.md',
      linksword: 'Links.md',
      hugeword: 'Huge.md',
    })) {
      await until(`${path} is found`, async () => (await system.search(word)).includes(path), 25_000);
    }
    expect(await warning('Bomb.md')).not.toBe('');
    expect(await warning('Broken.md')).toContain('line');
    expect(await warning('Latin.md')).toContain('UTF-8');
    expect(await warning('Huge.md')).toContain('only the first');
    expect(await system.search('"a good note"')).toEqual(['Good.md']);
    const raw = await system.call('/v1/files/Huge.md');
    expect(raw.text.length).toBeGreaterThan(50_000_000);
  });

  test('that are not UTF-8 are not edited by section, but appended to byte for byte', async () => {
    const edit = { target: { heading: 'x' }, operation: 'append', content: 'x' };
    const init = { method: 'PATCH', headers: { 'content-type': 'application/json' }, body: JSON.stringify(edit) };
    expect((await system.call('/v1/files/Latin.md', init)).json).toMatchObject({ status: 422, code: 'note-not-utf8' });
    await system.call('/v1/files/Latin.md', { method: 'POST', body: 'more\n' });
    expect(readFileSync(at('Latin.md'))).toEqual(
      Buffer.concat([Buffer.from('latinword '), Buffer.from([0xe9, 0xff, 0x0a]), Buffer.from('more\n')]),
    );
  });
});

describe('a file with a second name', () => {
  test('is replaced without touching the other name', async () => {
    writeFileSync(at('Original.md'), 'original\n');
    linkSync(at('Original.md'), at('Second.md'));
    await until('listed', async () => (await system.call('/v1/files/Second.md')).status === 200);
    await system.put('Second.md', 'second\n');
    expect(readFileSync(at('Original.md'), 'utf8')).toBe('original\n');
  });
});

describe('a disk', () => {
  const mount = (args: string[]) => execFileSync('mount', args, { stdio: 'pipe' });
  const unmount = (path: string) => execFileSync('umount', ['-l', path], { stdio: 'pipe' });
  const canMount = process.getuid?.() === 0 && process.platform === 'linux' && tryMount();

  function tryMount(): boolean {
    const probe = temporaryFolder('probe');
    try {
      mount(['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', probe.path]);
      unmount(probe.path);
      return true;
    } catch {
      return false;
    } finally {
      probe.remove();
    }
  }

  test.skipIf(!canMount)('that is full refuses the write with 503 and keeps the old content', async () => {
    mkdirSync(at('Small'), { recursive: true });
    mount(['-t', 'tmpfs', '-o', 'size=128k', 'tmpfs', at('Small')]);
    try {
      expect((await system.put('Small/A.md', 'fits\n')).status).toBe(201);
      const answer = await system.put('Small/A.md', 'x'.repeat(1024 * 1024));
      expect(answer.json).toMatchObject({ status: 503, code: 'disk-full' });
      expect(answer.json.detail).toContain('Small/A.md');
      expect(readFileSync(at('Small/A.md'), 'utf8')).toBe('fits\n');
      await until('what was set aside is gone', () => readdirSync(at('Small')).length === 1);
      const batch = await system.post('/v1/files:batch', {
        operations: [
          { op: 'put', path: 'Good.md', content: 'must not be written\n' },
          { op: 'put', path: 'Small/B.md', content: 'y'.repeat(1024 * 1024) },
        ],
      });
      expect(batch.status).toBe(503);
      expect(readFileSync(at('Good.md'), 'utf8')).toBe('a good note\n');
    } finally {
      unmount(at('Small'));
    }
  });

  test.skipIf(!canMount)('that is read-only refuses every change before it is decided, and reads go on', async () => {
    mkdirSync(at('Fixed'), { recursive: true });
    writeFileSync(at('Fixed/A.md'), 'fixed\n');
    await until('listed', async () => (await system.call('/v1/files/Fixed/A.md')).status === 200);
    mount(['--bind', at('Fixed'), at('Fixed')]);
    mount(['-o', 'remount,ro,bind', at('Fixed')]);
    try {
      const refused = { status: 503, code: 'vault-read-only' };
      const remove = (query: string) => system.call(`/v1/files/Fixed/A.md${query}`, { method: 'DELETE' });
      const move = (from: string, to: string) => system.post('/v1/files:move', { from, to });
      expect((await remove('')).json).toMatchObject(refused);
      expect((await remove('?permanent=true')).json).toMatchObject(refused);
      expect((await move('Fixed/A.md', 'Moved.md')).json).toMatchObject(refused);
      expect((await move('Good.md', 'Fixed/Deeper/Good.md')).json).toMatchObject(refused);
      expect((await move('Fixed', 'Elsewhere')).json).toMatchObject(refused);
      expect((await system.put('Fixed/A.md', 'x')).json).toMatchObject(refused);
      expect((await system.put('Fixed/New.md', 'x')).json).toMatchObject(refused);
      expect((await system.call('/v1/files/Fixed/A.md', { method: 'POST', body: 'x' })).json).toMatchObject(refused);
      expect((await system.call('/v1/files/Fixed/A.md')).text).toBe('fixed\n');
    } finally {
      unmount(at('Fixed'));
    }
    expect(readdirSync(at('Fixed'))).toEqual(['A.md']);
    expect(existsSync(at('Elsewhere'))).toBe(false);
    expect((await system.put('Fixed/A.md', 'written again\n')).status).toBe(200);
  });

  test.skipIf(!canMount)('that is read-only or full is reported by the readiness', async () => {
    const reported = async () => (await system.call('/v1/system')).json.services;
    const vault = async () =>
      (await reported()).find(({ name }: { name: string }) => name === 'file').dependencies.vault;
    mount(['--bind', system.vault, system.vault]);
    mount(['-o', 'remount,ro,bind', system.vault]);
    try {
      await until('it is reported', async () => (await vault()).status === 'degraded');
      expect((await vault()).detail).toContain('read-only');
    } finally {
      unmount(system.vault);
    }
    await until('it is well again', async () => (await vault()).status === 'ok');
  });
});

describe('a vault that goes away', () => {
  test('is not taken for an empty one, and is served again when it is back', async () => {
    const isReady = async () => (await system.call('/v1/system')).json.status === 'ready';
    await agreed();
    const files = (await system.call('/v1/system')).json.index.files;
    renameSync(system.vault, `${system.vault}-away`);
    try {
      await until('not ready', async () => !(await isReady()));
      expect((await system.call('/v1/files/Good.md')).json).toMatchObject({ status: 503, code: 'vault-missing' });
      expect((await system.put('New.md', 'x')).json).toMatchObject({ status: 503, code: 'vault-missing' });
      expect(existsSync(system.vault)).toBe(false);
    } finally {
      renameSync(`${system.vault}-away`, system.vault);
    }
    await until('ready again', isReady);
    await system.settled();
    expect((await system.call('/v1/system')).json.index.files).toBe(files);
    writeFileSync(at('Back.md'), 'backword\n');
    await until('watched again', async () => (await system.search('backword')).includes('Back.md'));
  });
});

describe('after all of this', () => {
  test('vault, manifest, index and event log agree', agreed);
});

/** Waits until a scan has seen what no notification told, and all of it is applied. */
async function agreed(): Promise<void> {
  await until('all that is stored agrees', async () => {
    const { checks } = (await system.call('/v1/system/check')).json;
    return checks.every(({ disagreements }: { disagreements: unknown[] }) => disagreements.length === 0);
  });
}
