import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { dirname, join, resolve } from 'node:path';

export type Provider = 'sqlite' | 'postgresql';

const providers: Provider[] = ['sqlite', 'postgresql'];
/** In each generated folder: what it was generated from. */
const stampFile = '.generated-from';

interface Generation {
  schemaFile: string;
  provider: Provider;
  outputFolder: string;
}

/**
 * Generates the Prisma clients of `apps/<app>/prisma/schema.prisma` into `generated/sqlite` and `generated/postgresql`
 * beside each schema. What was generated from the same text by the same Prisma is left alone; nothing is downloaded.
 *
 * @param rootFolder holds `apps`.
 * @returns the folders that were written.
 * @throws Error with Prisma's words when a schema is wrong.
 */
export async function generateClients(
  rootFolder: string,
  { log = () => {} }: { log?: (line: string) => void } = {},
): Promise<string[]> {
  const generations = (await findSchemas(rootFolder)).flatMap((schemaFile) =>
    providers.map((provider) => ({
      schemaFile,
      provider,
      outputFolder: join(dirname(schemaFile), 'generated', provider),
    })),
  );
  const written: string[] = [];
  const worker = async (): Promise<void> => {
    for (let next = generations.shift(); next; next = generations.shift()) {
      if (!(await generateClient(next))) continue;
      written.push(next.outputFolder);
      log(`generated ${next.outputFolder}`);
    }
  };
  const results = await Promise.allSettled(Array.from({ length: availableParallelism() }, worker));
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return written;
}

/**
 * Generates one client, unless it is there already.
 *
 * @returns whether it was written.
 * @throws Error with Prisma's words when the schema is wrong.
 */
export async function generateClient({ schemaFile, provider, outputFolder }: Generation): Promise<boolean> {
  const schema = await readFile(schemaFile, 'utf8');
  const stamp = createHash('sha256').update(`${prismaVersion()}\n${provider}\n${schema}`).digest('hex');
  if ((await readStamp(outputFolder)) === stamp) return false;

  // Beside the output, so that the client takes its place in one step and nobody imports half of it.
  const draftFolder = `${resolve(outputFolder)}.${randomUUID()}`;
  const clientFolder = join(draftFolder, 'client');
  try {
    await mkdir(draftFolder, { recursive: true });
    await writeFile(join(draftFolder, 'schema.prisma'), forProvider(schema, provider, schemaFile));
    await runPrisma(draftFolder, schemaFile);
    await writeFile(join(clientFolder, stampFile), stamp);
    // Another process that generates the same may have been quicker, before this point or after it.
    if ((await readStamp(outputFolder)) === stamp) return false;
    await rm(outputFolder, { recursive: true, force: true });
    await rename(clientFolder, outputFolder).catch(async (error: unknown) => {
      if ((await readStamp(outputFolder)) !== stamp) throw error;
    });
    return true;
  } finally {
    await rm(draftFolder, { recursive: true, force: true });
  }
}

async function findSchemas(rootFolder: string): Promise<string[]> {
  const appsFolder = join(rootFolder, 'apps');
  const apps = existsSync(appsFolder) ? await readdir(appsFolder) : [];
  return apps
    .sort()
    .map((app) => join(appsFolder, app, 'prisma', 'schema.prisma'))
    .filter((file) => existsSync(file));
}

/** The schema with another provider and output; everything else is the same for both. */
function forProvider(schema: string, provider: Provider, schemaFile: string): string {
  const lines: [RegExp, string][] = [
    [/(datasource\s+\w+\s*\{[^}]*?\bprovider\s*=\s*)"[^"]*"/, provider],
    [/(generator\s+\w+\s*\{[^}]*?\boutput\s*=\s*)"[^"]*"/, './client'],
  ];
  return lines.reduce((text, [line, value]) => {
    if (!line.test(text))
      throw new Error(`${schemaFile} must have a datasource with a provider and a generator with an output`);
    return text.replace(line, `$1"${value}"`);
  }, schema);
}

async function readStamp(folder: string): Promise<string | undefined> {
  return readFile(join(folder, stampFile), 'utf8').catch(() => undefined);
}

const require = createRequire(import.meta.url);

function prismaVersion(): string {
  return (require('prisma/package.json') as { version: string }).version;
}

async function runPrisma(folder: string, schemaFile: string): Promise<void> {
  const child = spawn(process.execPath, [require.resolve('prisma/build/index.js'), 'generate', '--no-hints'], {
    cwd: folder,
    env: {
      ...process.env,
      // Generating does not use the engine, but downloads one unless this names a file.
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      CHECKPOINT_DISABLE: '1',
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    output += chunk;
  });
  const code = await new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', done);
  });
  if (code !== 0) throw new Error(`Prisma cannot generate a client from ${schemaFile}:\n${output.trim()}`);
}

if (import.meta.main) {
  await generateClients(resolve(import.meta.dirname, '../..'), { log: (line) => console.info(line) });
}
