import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemRuntime } from '@weave-nn/config';
import { temporaryFolder, until, writeFiles } from '@weave-nn/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createWatcher, type Watcher } from '../src/domain/reconcile/watcher.ts';

describe('the watcher', () => {
  let root: ReturnType<typeof temporaryFolder>;
  let watcher: Watcher;
  let looked: Set<string>;

  beforeEach(() => {
    root = temporaryFolder('watcher');
    looked = new Set();
    watcher = createWatcher({
      root: root.path,
      quiet: 10,
      runtime: systemRuntime,
      report: () => undefined,
      async onDue(paths) {
        for (const path of paths) looked.add(path);
        return { busy: [], folders: [] };
      },
    });
  });
  afterEach(async () => {
    await watcher.close();
    root.remove();
  });

  test('goes on watching a folder that came during a scan which did not see it, and leaves what is gone', async () => {
    for (const name of ['gone', 'kept']) {
      mkdirSync(join(root.path, name));
      watcher.watchFolder(name);
    }
    const unwatchGone = watcher.rememberFolders();
    mkdirSync(join(root.path, 'new'));
    watcher.watchFolder('new');
    unwatchGone(['kept']);
    writeFiles(root.path, { 'gone/a.md': 'a', 'kept/a.md': 'a', 'new/a.md': 'a' });
    await until('both are noticed', () => looked.size >= 2);
    expect([...looked].sort()).toEqual(['kept/a.md', 'new/a.md']);
  });
});
