import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { contracts } from '@weave-nn/clients';
import { changeManifests } from './manifests.ts';
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

const register = join(workspace, 'libs/clients/src/register.ts');

/** The line of a service in the register. */
function lineOf({ camel, name }: Names): string {
  return `export { ${camel} } from './${name}/registration.ts';\n`;
}

/** Names a service in the register, from which the rest is derived, and in the manifests; or takes it out of them. */
function changeShared(names: Names, port: number, isThere: boolean): void {
  const lines = readFileSync(register, 'utf8');
  const line = lineOf(names);
  writeFileSync(register, isThere ? lines + line : lines.replace(line, ''));
  changeManifests(workspace, names, port, fillIn(readTemplate(`compose.yml${SUFFIX}`), names, port), isThere);
  registerPackage(workspace, names.name, isThere);
  run(process.execPath, ['tools/register/main.ts']);
}

/** @throws Error with what the program printed when it fails */
function run(command: string, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: workspace, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`);
}

function create(names: Names, port: number): void {
  const { name } = names;
  if (existsSync(join(workspace, 'apps', name))) throw new Error(`apps/${name} is there already`);
  for (const [path, content] of ownFiles(names, port)) {
    mkdirSync(dirname(join(workspace, path)), { recursive: true });
    writeFileSync(join(workspace, path), content);
  }
  changeShared(names, port, true);
  // Names have lengths, so that lines may break elsewhere than in the template.
  run('biome', ['check', '--write', 'libs/clients/src/register.ts', `apps/${name}`, `libs/clients/src/${name}`]);
  run(process.execPath, ['tools/setup/generate-clients.ts']);
  process.stdout.write(
    `apps/${name} counts how often notes change, at port ${port}: replace that by what it is for.\n` +
      `It is mounted in apps/weave, answers at /v1/${name}, and is in docker/compose.yml and k8s/base/${name}.\n` +
      'Tests that list all services, such as of /v1/system, are to be told of it.\n',
  );
}

function remove(names: Names): void {
  const { name } = names;
  if (!existsSync(join(workspace, 'apps', name))) throw new Error(`there is no apps/${name}`);
  for (const folder of Object.values(folders(names))) rmSync(join(workspace, folder), { recursive: true });
  changeShared(names, portOf(name), false);
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
