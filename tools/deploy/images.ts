import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildApp } from '../build/build.ts';
import { contentHash } from './content-hash.ts';
import type { Image } from './plan.ts';
import type { Programs } from './programs.ts';

const dockerfile = 'docker/Dockerfile';
const recipe = [dockerfile, 'docker/health.mjs', 'docker/gitconfig'];

/** The packages of the system that an app runs as programs: `image.packages` of its `package.json`. */
export function systemPackagesOf(workspace: string, app: string): string[] {
  const { image } = JSON.parse(readFileSync(join(workspace, 'apps', app, 'package.json'), 'utf8'));
  return image?.packages ?? [];
}

/** Builds an app into `dist`, and names its image. */
export async function buildFor(workspace: string, app: string, registry: string): Promise<Image> {
  const output = join(workspace, 'dist/apps', app);
  await buildApp({ workspace, project: `apps/${app}`, output });
  const packages = systemPackagesOf(workspace, app);
  const hash = contentHash({ output, recipe: recipe.map((path) => join(workspace, path)), packages });
  return { app, reference: `${registry}/${app}:${hash}` };
}

/**
 * Makes an image and brings it to its registry, unless one with the same content is there.
 *
 * @param options.local whether it stays on this machine, as for a cluster that runs here
 */
export async function publishImage(
  workspace: string,
  { app, reference }: Image,
  options: { programs: Programs; revision: string; local: boolean; say: (line: string) => void },
): Promise<void> {
  const { programs, revision, local, say } = options;
  if (!local && (await programs.ask('docker', ['manifest', 'inspect', reference])) !== undefined) {
    say(`${reference} is in the registry already`);
    return;
  }
  const values = { APP: app, REVISION: revision, SYSTEM_PACKAGES: systemPackagesOf(workspace, app).join(' ') };
  const args = Object.entries(values).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]);
  await programs.run('docker', [
    'build',
    ...args,
    '--file',
    join(workspace, dockerfile),
    '--tag',
    reference,
    workspace,
  ]);
  if (!local) await programs.run('docker', ['push', reference]);
}
