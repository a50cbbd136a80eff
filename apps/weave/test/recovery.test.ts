import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSystem, type TestSystem, until, writeFiles } from '@weave-nn/testing';
import { expect, test } from 'vitest';
import { services } from '../src/services.ts';

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');

/** Leaves groups behind as a process does that was killed between deciding and carrying out. */
async function leaveDecided({ vault, openDatabase }: TestSystem, texts: ReadonlyMap<string, string>): Promise<void> {
  const database = await openDatabase('file');
  for (const [path, text] of texts) {
    const id = randomUUID();
    const temporary = `.weave-tmp-${id}-0`;
    writeFiles(vault, { [temporary]: text });
    await database.transaction(async (sql) => {
      await sql.run(
        `INSERT INTO write_group (id, vault_id, state, actor, origin, decided_at)
         VALUES (?, 'default', 'decided', 'key:default', 'api', 1)`,
        id,
      );
      await sql.run(
        `INSERT INTO write_intent (group_id, ordinal, kind, path, temporary, aside, hash_after)
         VALUES (?, 0, 'put', ?, ?, ?, ?)`,
        id,
        path,
        temporary,
        `${temporary}-old`,
        hashOf(text),
      );
    });
  }
  await database.close();
}

test('a write that comes before the start has carried out what was decided is not undone by it', async () => {
  const paths = Array.from({ length: 60 }, (_, index) => `note-${index}.md`);
  const last = paths.at(-1) ?? '';
  const system = await startSystem({ definitions: services });
  const { vault } = system;
  const again = await system.restart(
    async () => {
      await leaveDecided(system, new Map(paths.map((path) => [path, `decided ${path}\n`])));
    },
    async (early) => {
      expect((await early.put(last, 'newer\n')).status).toBeLessThan(300);
    },
  );
  try {
    expect(readFileSync(join(vault, last), 'utf8')).toBe('newer\n');
    for (const path of paths.slice(0, -1)) expect(readFileSync(join(vault, path), 'utf8')).toBe(`decided ${path}\n`);
    await again.settled();
    await until('the index has the newer text', async () => (await again.search('newer')).includes(last));
    expect(
      (await again.call('/v1/system/check')).json.checks.flatMap(
        (check: { disagreements: unknown[] }) => check.disagreements,
      ),
    ).toEqual([]);
  } finally {
    await again.stop();
  }
});
