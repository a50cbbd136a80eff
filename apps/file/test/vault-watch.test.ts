import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRuntime } from '@weave-nn/config';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Compared, Reconciler } from '../src/domain/reconcile/reconciler.ts';
import { createVaultWatch } from '../src/domain/reconcile/vault-watch.ts';
import type { Recovery } from '../src/domain/recovery.ts';
import { openVaultFolder } from '../src/domain/vault-folder.ts';
import type { VaultProgress } from '../src/store/vault-progress.ts';

const nothing: Compared = {
  created: 0,
  updated: 0,
  moved: 0,
  deleted: 0,
  busy: [],
  folders: [],
  skipped: [],
  temporaries: [],
};
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'weave-watch-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** A watch whose comparison ends when the test says so. */
function watchOf(wasComplete: boolean) {
  const { promise: compared, resolve: endComparison } = Promise.withResolvers<Compared>();
  const watch = createVaultWatch({
    folder: openVaultFolder(root),
    reconciler: { all: () => compared } as unknown as Reconciler,
    recovery: { recover: async () => false, unused: async () => [] } as unknown as Recovery,
    progress: {
      reach: async () => undefined,
      hasReached: async () => false,
      wasComplete: async () => wasComplete,
    } as unknown as VaultProgress,
    isShared: false,
    runtime: systemRuntime,
    report: (message, error) => {
      throw new Error(message, { cause: error });
    },
    quiet: 10,
    scanInterval: 60_000,
    onReconciled: () => undefined,
  });
  const end = new AbortController();
  const leading = watch.lead({
    epoch: 1,
    signal: end.signal,
    assertHeld: () => undefined,
    fence: async () => undefined,
  });
  return {
    watch,
    async finish() {
      endComparison(nothing);
      await expect
        .poll(() =>
          watch.assertCompared().then(
            () => 'compared',
            () => 'not yet',
          ),
        )
        .toBe('compared');
    },
    async stop() {
      end.abort();
      await leading;
    },
  };
}

test('a vault that was known serves while it is compared, and says so', async () => {
  const { watch, finish, stop } = watchOf(true);
  expect(await watch.readiness()).toEqual({ comparing: expect.stringContaining('changed') });
  await expect(watch.assertCompared()).rejects.toThrow('being compared');
  await finish();
  expect(await watch.readiness()).toBeUndefined();
  await stop();
});

test('a vault that is new is not ready before all of it is recorded', async () => {
  const { watch, finish, stop } = watchOf(false);
  await expect(watch.readiness()).rejects.toThrow('being compared');
  await finish();
  expect(await watch.readiness()).toBeUndefined();
  await stop();
});
