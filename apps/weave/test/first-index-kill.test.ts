import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { spawnSystem, temporaryFolder, until, writeFiles } from '@weave-nn/testing';
import { afterAll, expect, test } from 'vitest';

const file = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const NOTES = 700;
const KILLS = 3;
const MAX_MOMENT_MS = 300;
const MAX_INDEX_MS = 60_000;
const vault = temporaryFolder('vault');
const data = temporaryFolder('data');
afterAll(() => {
  vault.remove();
  data.remove();
});

const start = () => spawnSystem({ file, vault: vault.path, data: data.path });
const pathOf = (index: number) => `Folder ${index % 7}/Note ${index}.md`;

test('a first index that is killed again and again ends as if it had not been', async () => {
  writeFiles(
    vault.path,
    Object.fromEntries(
      Array.from({ length: NOTES }, (_, index) => [
        pathOf(index),
        `# Note ${index}\n\n#tag${index % 50} [[Note ${(index + 1) % NOTES}]]\n\n${'Some words of a note. '.repeat(60)}\n`,
      ]),
    ),
  );
  for (let kill = 0; kill < KILLS; kill++) {
    const system = await start();
    // The moment is what lots are drawn for: somewhere in what is still being indexed.
    await setTimeout(Math.random() * MAX_MOMENT_MS);
    await system.kill('SIGKILL');
  }
  const system = await start();
  try {
    const wanted = { files: NOTES, waiting: 0 };
    await until(
      'everything is indexed',
      async () => {
        expect((await system.call('/v1/system')).json.index).toMatchObject(wanted);
        return true;
      },
      MAX_INDEX_MS,
    );
    const { checks } = (await system.call('/v1/system/check')).json;
    expect(checks.flatMap((check: { disagreements: unknown[] }) => check.disagreements)).toEqual([]);
    expect((await system.call('/v1/graph/unresolved')).json.items).toEqual([]);
    expect((await system.call('/v1/graph/orphans')).json.items).toEqual([]);
    expect((await system.call('/v1/tags?limit=1')).json.items).toEqual([
      { tag: expect.any(String), count: NOTES / 50 },
    ]);
    expect((await system.call('/v1/search?q=words&limit=1')).json.total).toBe(NOTES);
    expect((await system.call('/v1/dlq')).json.items).toEqual([]);
  } finally {
    await system.kill('SIGTERM');
  }
}, 120_000);
