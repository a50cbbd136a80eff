import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder, writeFiles } from '@weave-nn/testing';
import { describe, expect, test } from 'vitest';
import { openVaultFolder } from '../src/domain/vault-folder.ts';
import { createDiskPreparation } from '../src/domain/write/disk-preparation.ts';
import { createDiskWrites } from '../src/domain/write/disk-writes.ts';
import { toIntents } from '../src/domain/write/intents.ts';
import { outcomeOf } from '../src/domain/write/planned.ts';
import type { Intent } from '../src/domain/write/write-group.ts';

const moment = new Date('2026-11-30T12:00:00Z');

/** A vault with `a.md` to `d.md`, and intents that make a cycle of the first three and put `d.md` where `a.md` was. */
function createCycle() {
  const vault = temporaryFolder('vault');
  writeFiles(vault.path, { 'a.md': 'a', 'b.md': 'b', 'c.md': 'c', 'd.md': 'd' });
  const folder = openVaultFolder(vault.path);
  const entries = new Map(
    ['a.md', 'b.md', 'c.md', 'd.md'].map((path) => {
      const snapshot = folder.read(path);
      if (!snapshot) throw new Error(`${path} is missing`);
      const entry = { ...snapshot.stat, path, collisionKey: path, hash: snapshot.hash, sequence: 1, linkKeys: '' };
      return [path, entry] as const;
    }),
  );
  const left = [
    { path: 'a.md', before: entries.get('d.md'), bytes: 'unchanged' as const },
    { path: 'b.md', before: entries.get('c.md'), bytes: Buffer.from('c, new') },
    { path: 'c.md', before: entries.get('b.md'), bytes: 'unchanged' as const },
    { path: 'd.md', before: undefined, bytes: Buffer.from('d, new') },
  ];
  const plan = outcomeOf(left, entries, new Set());
  return {
    vault,
    preparation: createDiskPreparation(folder),
    disk: createDiskWrites(folder),
    sorted: toIntents(plan, 'test', folder),
  };
}

function present(root: string): Record<string, string> {
  const names = readdirSync(root).filter((name) => !name.startsWith('.'));
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(root, name), 'utf8')]));
}

const after = { 'a.md': 'd', 'b.md': 'c, new', 'c.md': 'b', 'd.md': 'd, new' };

async function execute(
  disk: ReturnType<typeof createDiskWrites>,
  intents: readonly Intent[],
  assertHeld: () => void,
): Promise<void> {
  for (const intent of intents) if (intent.detached) await disk.detach(intent, assertHeld);
  for (const intent of intents) {
    const { conflicts } = await disk.execute(intent, moment, assertHeld);
    expect(conflicts).toEqual([]);
  }
}

describe('a group that uses paths again', () => {
  test('ends the same wherever it was interrupted', async () => {
    for (let survived = 0, wasInterrupted = true; wasInterrupted; survived++) {
      const { vault, disk, preparation, sorted } = createCycle();
      const intents = sorted.map(({ intent }) => intent);
      for (const { planned, intent } of sorted) {
        if (intent.temporary && planned.bytes instanceof Buffer) {
          await preparation.prepare(intent, planned.bytes, null);
        }
      }
      let checks = 0;
      wasInterrupted = await execute(disk, intents, () => {
        if (checks++ === survived) throw new Error('interrupted');
      }).then(
        () => false,
        () => true,
      );
      await execute(disk, intents, () => undefined);
      expect(present(vault.path)).toEqual(after);
      expect(readFileSync(join(vault.path, '.trash/a.md'), 'utf8')).toBe('a');
      for (const intent of intents) await disk.dropAsides(intent);
      expect(readdirSync(vault.path).filter((name) => name.startsWith('.weave-tmp-'))).toEqual([]);
      vault.remove();
    }
  });

  test('keeps what another program put where a file is to go', async () => {
    const { vault, disk, sorted } = createCycle();
    const intents = sorted.map(({ intent }) => intent).filter(({ temporary }) => temporary === null);
    for (const intent of intents) if (intent.detached) await disk.detach(intent, () => undefined);
    writeFiles(vault.path, { 'c.md': 'of an editor' });
    const outcomes = [];
    for (const intent of intents) outcomes.push(await disk.execute(intent, moment, () => undefined));
    expect(outcomes.flatMap(({ conflicts }) => conflicts.map(({ path }) => path))).toEqual([
      'c (conflict 2026-11-30 120000).md',
    ]);
    expect(present(vault.path)).toMatchObject({ 'c.md': 'b', 'c (conflict 2026-11-30 120000).md': 'of an editor' });
    vault.remove();
  });

  test('does not take for its own a file that was gone before it began', async () => {
    const { vault, disk, sorted } = createCycle();
    const intents = sorted.map(({ intent }) => intent).filter(({ temporary }) => temporary === null);
    const detached = intents.filter((intent) => intent.detached);
    const [first] = detached;
    if (!first) throw new Error('nothing is detached');
    const path = first.from ?? first.path;
    rmSync(join(vault.path, path));
    await disk.detach(first, () => undefined);
    writeFiles(vault.path, { [path]: 'of another intent' });
    await disk.detach(first, () => undefined);
    expect(readFileSync(join(vault.path, path), 'utf8')).toBe('of another intent');
    vault.remove();
  });
});
