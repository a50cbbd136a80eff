import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { generateClients } from '../../../tools/setup/generate-clients.ts';

let root: string;
let prismaFolder: string;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'generate-clients-'));
  prismaFolder = join(root, 'apps', 'note', 'prisma');
  await mkdir(prismaFolder, { recursive: true });
  await cp(join(import.meta.dirname, 'fixture', 'prisma', 'schema.prisma'), join(prismaFolder, 'schema.prisma'));
});
afterEach(() => rm(root, { recursive: true }));

test('generates a client for each provider once, and again when the schema changes', async () => {
  const folders = ['postgresql', 'sqlite'].map((provider) => join(prismaFolder, 'generated', provider));
  expect((await generateClients(root)).sort()).toEqual(folders);
  expect(await generateClients(root)).toEqual([]);
  expect((await readdir(join(prismaFolder, 'generated'))).sort()).toEqual(['postgresql', 'sqlite']);
  const [postgresql, sqlite] = await Promise.all(
    folders.map((folder) => readFile(join(folder, 'internal', 'class.ts'), 'utf8')),
  );
  expect(postgresql).toContain('"activeProvider": "postgresql"');
  expect(sqlite).toContain('"activeProvider": "sqlite"');
  expect(sqlite).not.toContain(root);

  const schemaFile = join(prismaFolder, 'schema.prisma');
  await writeFile(schemaFile, `${await readFile(schemaFile, 'utf8')}\nmodel Extra {\n  id Int @id\n}\n`);
  expect(await generateClients(root)).toHaveLength(2);
});

test('says what is wrong with a schema and leaves nothing behind', async () => {
  const schemaFile = join(prismaFolder, 'schema.prisma');
  await writeFile(schemaFile, `${await readFile(schemaFile, 'utf8')}\nmodel Broken {\n  id Nothing\n}\n`);
  await expect(generateClients(root)).rejects.toThrow(/schema\.prisma[\s\S]*Nothing/);
  expect(await readdir(join(prismaFolder, 'generated'))).toEqual([]);
});
