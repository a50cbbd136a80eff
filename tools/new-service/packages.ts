import { readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

type Json = Record<string, unknown>;

function change(file: string, edit: (content: Json) => void): void {
  const content = JSON.parse(readFileSync(file, 'utf8'));
  edit(content);
  writeFileSync(file, `${JSON.stringify(content, undefined, 2)}\n`);
}

/** The entries in npm's own order. */
function sorted(entries: Json): Json {
  return Object.fromEntries(Object.entries(entries).sort(([a], [b]) => a.localeCompare(b, 'en')));
}

function changeEntry(holder: Json, field: string, name: string, value: unknown): void {
  const { [name]: _, ...others } = holder[field] as Json;
  holder[field] = sorted(value === undefined ? others : { ...others, [name]: value });
}

/**
 * Makes a service a package of the workspace, or stops it being one: what `npm install` would write and link, without
 * asking a registry for anything.
 *
 * @param workspace absolute path
 */
export function registerPackage(workspace: string, name: string, isThere: boolean): void {
  const scoped = `@weave-nn/${name}`;
  const version = isThere ? '0.1.0' : undefined;
  const manifest = isThere
    ? JSON.parse(readFileSync(join(workspace, 'apps', name, 'package.json'), 'utf8'))
    : undefined;
  change(join(workspace, 'apps/weave/package.json'), (weave) => changeEntry(weave, 'dependencies', scoped, version));
  change(join(workspace, 'package-lock.json'), (lock) => {
    const packages = lock.packages as Record<string, Json>;
    changeEntry(packages['apps/weave'] as Json, 'dependencies', scoped, version);
    const { dependencies, devDependencies } = manifest ?? {};
    changeEntry(lock, 'packages', `apps/${name}`, manifest && { name: scoped, version, dependencies, devDependencies });
    changeEntry(
      lock,
      'packages',
      `node_modules/${scoped}`,
      isThere ? { resolved: `apps/${name}`, link: true } : undefined,
    );
  });
  const link = join(workspace, 'node_modules', scoped);
  rmSync(link, { force: true });
  if (isThere) symlinkSync(join('../../apps', name), link);
}
