import { execFileSync } from 'node:child_process';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
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
    .filter((entry) => entry.isFile() && !entry.name.startsWith('.weave-tmp'))
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
    expect(readdirSync(outside.path)).toEqual(['secret.md']);
    expect(readFileSync(join(outside.path, 'secret.md'), 'utf8')).toBe('outside secret\n');
    expect(await system.search('"outside secret"')).toEqual([]);
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

  test.skipIf(!canMount)('that is read-only refuses the write with 503 or does it later, and reads go on', async () => {
    mkdirSync(at('Fixed'), { recursive: true });
    writeFileSync(at('Fixed/A.md'), 'fixed\n');
    await until('listed', async () => (await system.call('/v1/files/Fixed/A.md')).status === 200);
    mount(['--bind', at('Fixed'), at('Fixed')]);
    mount(['-o', 'remount,ro,bind', at('Fixed')]);
    try {
      expect((await system.put('Fixed/A.md', 'x')).json).toMatchObject({ status: 503, code: 'vault-read-only' });
      const deleting = await system.call('/v1/files/Fixed/A.md', { method: 'DELETE' });
      expect(deleting.json).toMatchObject({ status: 503, code: 'write-pending' });
      expect((await system.call('/v1/files/Fixed/A.md')).text).toBe('fixed\n');
    } finally {
      unmount(at('Fixed'));
    }
    await until('it is deleted as soon as that can be', () => !existsSync(at('Fixed/A.md')));
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
