import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { temporaryFolder, writeFiles } from '@weave-nn/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openVaultFolder, type VaultFolder } from '../src/domain/vault-folder.ts';

describe('reading a path of the vault', () => {
  let root: ReturnType<typeof temporaryFolder>;
  let folder: VaultFolder;

  beforeEach(() => {
    root = temporaryFolder('vault-folder');
    folder = openVaultFolder(root.path);
  });
  afterEach(() => root.remove());

  const read = (path: string) => folder.read(path);

  test('gives its bytes with their hash and the state they were read in', () => {
    writeFiles(root.path, { 'a.md': 'text' });
    const snapshot = read('a.md');
    expect(snapshot?.bytes.toString()).toBe('text');
    expect(snapshot?.hash).toBe('982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1');
    expect(snapshot?.stat).toEqual(folder.stat('a.md'));
  });

  test('gives nothing where there is no ordinary file, and waits for nobody', async () => {
    writeFiles(root.path, { 'a.md': 'text' });
    mkdirSync(join(root.path, 'folder.md'));
    symlinkSync('a.md', join(root.path, 'link.md'));
    execFileSync('mkfifo', [join(root.path, 'pipe.md')]);
    const server = createServer().listen(join(root.path, 'socket.md'));
    for (const path of ['none.md', 'a.md/below.md', 'folder.md', 'link.md', 'pipe.md', 'socket.md']) {
      expect(read(path), path).toBeNull();
    }
    await new Promise((resolve) => server.close(resolve));
  });
});
