import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Api, startSystem, type TestSystem, until, writeFiles } from '@weave-nn/testing';
import { expect, test } from 'vitest';
import { services } from '../src/services.ts';

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');

/** Leaves groups behind as a process does that was killed between deciding and carrying out. */
async function leaveDecided(
  { vault, openDatabase }: TestSystem,
  texts: ReadonlyMap<string, string>,
  request: { key: string; fingerprint: string } | null = null,
): Promise<void> {
  const database = await openDatabase('file');
  for (const [path, text] of texts) {
    const id = randomUUID();
    const temporary = `.weave-tmp-${id}-0`;
    writeFiles(vault, { [temporary]: text });
    await database.transaction(async (sql) => {
      await sql.run(
        `INSERT INTO write_group (id, vault_id, state, actor, origin, decided_at, idempotency_key, fingerprint)
         VALUES (?, 'default', 'decided', 'key:default', 'api', 1, ?, ?)`,
        id,
        request?.key ?? null,
        request?.fingerprint ?? null,
      );
      await sql.run(
        `INSERT INTO write_intent (group_id, ordinal, kind, path, temporary, aside, hash_before, hash_after)
         VALUES (?, 0, 'put', ?, ?, ?, ?, ?)`,
        id,
        path,
        temporary,
        `${temporary}-old`,
        existsSync(join(vault, path)) ? hashOf(readFileSync(join(vault, path), 'utf8')) : null,
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

test('a request that comes again before the start has carried it out is done once', async () => {
  const system = await startSystem({ definitions: services, files: { 'Log.md': 'a line\n' } });
  const { vault } = system;
  const append = (api: Api) =>
    api.call('/v1/files/Log.md', { method: 'POST', body: 'another\n', headers: { 'idempotency-key': 'again' } });
  await append(system);
  const others = new Map(Array.from({ length: 60 }, (_, index) => [`note-${index}.md`, 'decided\n']));
  const again = await system.restart(
    async () => {
      const database = await system.openDatabase('file');
      const request = await database.read.get<{ key: string; fingerprint: string }>(
        'SELECT key, fingerprint FROM idempotency',
      );
      await database.transaction((sql) => sql.run('DELETE FROM idempotency'));
      await database.close();
      writeFiles(vault, { 'Log.md': 'a line\n' });
      await leaveDecided(system, others);
      await leaveDecided(system, new Map([['Log.md', 'a line\nanother\n']]), request);
    },
    async (early) => {
      expect((await append(early)).status).toBe(200);
    },
  );
  try {
    expect(readFileSync(join(vault, 'Log.md'), 'utf8')).toBe('a line\nanother\n');
  } finally {
    await again.stop();
  }
});
