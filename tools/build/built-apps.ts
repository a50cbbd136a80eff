import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { separateServices } from '@weave-nn/testing';
import type { TestProject } from 'vitest/node';
import { buildApp } from './build.ts';

const workspace = resolve(import.meta.dirname, '../..');

/**
 * Puts the packages that a built app could not contain beside it, as `npm ci` does, from those of the workspace.
 *
 * @param output absolute path of the built app
 * @returns the paths of the packages, as the app's lock file has them
 */
export async function placePackages(output: string): Promise<string[]> {
  const { packages } = JSON.parse(await readFile(join(output, 'package-lock.json'), 'utf8'));
  const paths = Object.keys(packages).filter((path) => path !== '');
  for (const path of paths) await cp(join(workspace, path), join(output, path), { recursive: true });
  return paths;
}

/**
 * Builds what tests start as processes into the folder that `WEAVE_BUILT_APPS` names, outside the workspace, so that
 * they test what is shipped. Vitest calls it before the first test of a project, and what it returns after the last.
 */
export async function setup({ config }: TestProject): Promise<() => Promise<void>> {
  const folder = config.env.WEAVE_BUILT_APPS as string;
  await mkdir(folder, { recursive: true });
  await Promise.all(
    separateServices.map(async (service) => {
      const output = join(folder, service);
      await buildApp({ workspace, project: `apps/${service}`, output });
      await placePackages(output);
    }),
  );
  return () => rm(folder, { recursive: true, force: true });
}
