import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

interface LockedPackage {
  version?: string;
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  peerDependenciesMeta?: Record<string, { optional?: boolean }>;
}

/** A `package-lock.json`: what is installed, by its path. */
interface Lock {
  lockfileVersion: number;
  packages: Record<string, LockedPackage>;
}

/**
 * Writes the `package.json` of a built app, which names the packages it imports at the versions of the workspace, and
 * the part of the workspace's `package-lock.json` that these need, so that `npm ci` installs just what was tested.
 *
 * @throws Error when a package is not in the workspace's lock file
 */
export async function writeManifest(options: {
  workspace: string;
  project: string;
  output: string;
  /** Names of packages. */
  packages: readonly string[];
}): Promise<void> {
  const { workspace, project, output } = options;
  const { name, version } = await readJson(join(workspace, project, 'package.json'));
  const lock: Lock = await readJson(join(workspace, 'package-lock.json'));
  const dependencies = Object.fromEntries(options.packages.map((each) => [each, versionOf(lock, each)]));
  const engines = { node: '>=24' };
  const manifest = { name, version, private: true, type: 'module', main: 'main.js', engines, dependencies };
  const packages = { '': { name, version, engines, dependencies }, ...lockedFor(lock, options.packages) };
  const { lockfileVersion } = lock;
  await writeJson(join(output, 'package.json'), manifest);
  await writeJson(join(output, 'package-lock.json'), { name, version, lockfileVersion, requires: true, packages });
}

function versionOf(lock: Lock, name: string): string {
  const version = lock.packages[`node_modules/${name}`]?.version;
  if (version === undefined) throw new Error(`package-lock.json has no ${name}; install it first`);
  return version;
}

/** The entries of these packages and of all that they need, at the paths they have in the workspace. */
function lockedFor(lock: Lock, names: readonly string[]): Record<string, LockedPackage> {
  const found = new Map<string, LockedPackage>();
  function follow(from: string, name: string): void {
    const path = resolve(lock, from, name);
    if (path === undefined || found.has(path)) return;
    const entry = lock.packages[path] as LockedPackage;
    found.set(path, entry);
    for (const each of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) follow(path, each);
    for (const each of Object.keys(entry.peerDependencies ?? {})) {
      if (!entry.peerDependenciesMeta?.[each]?.optional) follow(path, each);
    }
  }
  for (const name of names) follow('', name);
  return Object.fromEntries([...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Where Node finds a package when one at `from` imports it: beside it, or the nearest above. */
function resolve(lock: Lock, from: string, name: string): string | undefined {
  for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0))) {
    const path = folder === '' ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    if (path in lock.packages) return path;
    if (folder === '') return undefined;
  }
}

async function readJson(file: string) {
  return JSON.parse(await readFile(file, 'utf8'));
}

async function writeJson(file: string, value: unknown): Promise<void> {
  await writeFile(file, `${JSON.stringify(value, undefined, 2)}\n`);
}
