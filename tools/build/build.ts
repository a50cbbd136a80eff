import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { generateClients } from '../setup/generate-clients.ts';
import { type Bundle, bundle } from './bundle.ts';
import { writeLicences } from './licences.ts';
import { writeManifest } from './manifest.ts';
import { readPackages } from './packages.ts';

/**
 * Builds an app into a folder that runs by itself: `main.js` with its source map, the files that it reads as `assets`,
 * the `package.json` and lock file of what it could not contain, and `licences.txt`. The same sources give the same bytes.
 *
 * @param options.workspace absolute path; its dependencies are installed and its database clients generated
 * @param options.project the app's folder, relative to the workspace
 * @param options.output absolute path of a folder, emptied first
 */
export async function buildApp(options: { workspace: string; project: string; output: string }): Promise<Bundle> {
  const { workspace, project, output } = options;
  const built = await bundle(workspace, project);
  await rm(output, { recursive: true, force: true });
  await mkdir(output, { recursive: true });
  for (const [name, contents] of built.files) await writeFile(join(output, name), contents);
  for (const [name, path] of built.assets) await cp(path, join(output, name), { recursive: true });
  await writeManifest({ workspace, project, output, packages: built.unbundled });
  await writeLicences(workspace, output, await readPackages(workspace, built.sources));
  return built;
}

if (import.meta.main) {
  const workspace = resolve(import.meta.dirname, '../..');
  const [project = ''] = process.argv.slice(2);
  await generateClients(workspace);
  const output = join(workspace, 'dist', project);
  const { files } = await buildApp({ workspace, project, output });
  console.info(`${output}: main.js of ${((files.get('main.js')?.length ?? 0) / 1e6).toFixed(1)} MB`);
}
