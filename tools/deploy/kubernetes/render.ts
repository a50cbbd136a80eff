import { spawnSync } from 'node:child_process';
import { DeployError } from '../errors.ts';

/** Whether `kubectl` is there, which brings kustomize. */
export function hasKubectl(): boolean {
  return spawnSync('kubectl', ['version', '--client'], { stdio: 'ignore' }).status === 0;
}

/**
 * Renders an overlay.
 *
 * @param folder the overlay's
 * @returns a YAML stream
 * @throws DeployError with the words of kustomize
 */
export function renderOverlay(folder: string): string {
  const { status, stdout, stderr, error } = spawnSync('kubectl', ['kustomize', folder], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error) throw new DeployError(`kubectl, which renders ${folder}, cannot be run: ${error.message}`);
  if (status !== 0) throw new DeployError(`kubectl kustomize ${folder} failed:\n${stderr}`);
  return stdout;
}
