import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { contracts } from '@weave-nn/clients';
import { addText, removeText, sharedTexts } from './lines.ts';
import { fillIn, type Names, namesOf } from './names.ts';
import { registerPackage } from './packages.ts';

const workspace = resolve(import.meta.dirname, '../..');
const template = join(import.meta.dirname, 'template');
const SUFFIX = '.template';

const readTemplate = (file: string) => readFileSync(join(template, file), 'utf8');

type Place = '' | 'k8s/' | 'clients/';

/** Where a service's own files are, by the folder of the template. */
function folders({ name }: Names): Record<Place, string> {
  return { '': `apps/${name}`, 'k8s/': `k8s/base/${name}`, 'clients/': `libs/clients/src/${name}` };
}

/** The files of a service's own, by their paths in the workspace. */
function ownFiles(names: Names, port: number): Map<string, string> {
  const files = readdirSync(template, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith(SUFFIX));
  return new Map(
    files
      .filter((file) => file !== `compose.yml${SUFFIX}`)
      .map((file) => {
        const [, place, rest = ''] = /^(k8s\/|clients\/|)(.*)$/.exec(file.slice(0, -SUFFIX.length)) ?? [];
        const path = join(folders(names)[place as Place], rest);
        return [path, fillIn(readTemplate(file), names, port)];
      }),
  );
}

/** The first port above those of the services that there are. */
function nextPort(): number {
  // 8005 and 8006 are promised to services that are still to come.
  return Math.max(8006, ...contracts.map(({ port }) => port)) + 1;
}

function portOf(name: string): number {
  return contracts.find((contract) => contract.name === name)?.port ?? 0;
}

/** Changes the files that all services share. */
function changeShared(names: Names, port: number, edit: typeof addText): string[] {
  const texts = sharedTexts(names, port, fillIn(readTemplate(`compose.yml${SUFFIX}`), names, port));
  for (const each of texts) {
    const path = join(workspace, each.file);
    writeFileSync(path, edit(readFileSync(path, 'utf8'), each));
  }
  return [...new Set(texts.map(({ file }) => file))].filter((file) => file.endsWith('.ts'));
}

/** Names have lengths, so that lines may break elsewhere than in the template. */
function format(paths: readonly string[]): void {
  const biome = spawnSync('biome', ['check', '--write', ...paths], { cwd: workspace, encoding: 'utf8' });
  if (biome.status !== 0) throw new Error(`biome check failed:\n${biome.stdout}${biome.stderr}`);
}

function create(names: Names, port: number): void {
  const { name } = names;
  if (existsSync(join(workspace, 'apps', name))) throw new Error(`apps/${name} is there already`);
  const shared = changeShared(names, port, addText);
  for (const [path, content] of ownFiles(names, port)) {
    mkdirSync(dirname(join(workspace, path)), { recursive: true });
    writeFileSync(join(workspace, path), content);
  }
  registerPackage(workspace, name, true);
  format([...shared, `apps/${name}`, `libs/clients/src/${name}`]);
  process.stdout.write(
    `apps/${name} counts how often notes change, at port ${port}: replace that by what it is for.\n` +
      `It is mounted in apps/weave, answers at /v1/${name}, and is in docker/compose.yml and k8s/base/${name}.\n` +
      'Tests that list all services, such as of /v1/system, are to be told of it.\n',
  );
}

function remove(names: Names): void {
  const { name } = names;
  if (!existsSync(join(workspace, 'apps', name))) throw new Error(`there is no apps/${name}`);
  const shared = changeShared(names, portOf(name), removeText);
  for (const folder of Object.values(folders(names))) rmSync(join(workspace, folder), { recursive: true });
  registerPackage(workspace, name, false);
  format(shared);
  process.stdout.write(`apps/${name} is gone\n`);
}

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { port: { type: 'string' }, remove: { type: 'boolean', default: false } },
  });
  const [name] = positionals;
  if (name === undefined) throw new Error('npm run new:service -- NAME [--port NUMBER], or NAME --remove');
  const names = namesOf(name);
  if (values.remove) remove(names);
  else create(names, values.port === undefined ? nextPort() : Number(values.port));
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
