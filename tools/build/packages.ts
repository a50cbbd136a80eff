import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A package as it is installed. */
export interface InstalledPackage {
  /** Its folder, relative to the workspace. */
  folder: string;
  name: string;
  version: string;
  /** As its manifest says it, an SPDX expression as a rule. */
  licence: string;
}

/** The folder of the package that a file belongs to; undefined for a file of the workspace itself. */
export function packageFolderOf(file: string): string | undefined {
  return /^.*\bnode_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
}

/** The name of the package that a file belongs to, or a folder of one. */
export function packageNameOf(file: string): string | undefined {
  return packageFolderOf(file)?.split('node_modules/').at(-1);
}

/** The packages that these files, relative to the workspace, belong to, by name and version. */
export async function readPackages(workspace: string, files: readonly string[]): Promise<InstalledPackage[]> {
  const folders = new Set(files.map(packageFolderOf).filter((folder) => folder !== undefined));
  const packages = await Promise.all([...folders].sort().map((folder) => readPackage(workspace, folder)));
  // The same package may be installed at several places.
  const byTitle = new Map(packages.map((each) => [`${each.name} ${each.version}`, each]));
  return [...byTitle].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, each]) => each);
}

async function readPackage(workspace: string, folder: string): Promise<InstalledPackage> {
  const manifest = JSON.parse(await readFile(join(workspace, folder, 'package.json'), 'utf8'));
  const licence = manifest.license?.type ?? manifest.license ?? 'not said';
  return { folder, name: manifest.name, version: manifest.version, licence };
}
