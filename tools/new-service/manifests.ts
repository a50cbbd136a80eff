import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Names } from './names.ts';
import { addItem, removeItem } from './yaml.ts';

/** An item that a service has in a list or map of a manifest. */
interface ManifestItem {
  file: string;
  path: readonly string[];
  name: string;
  text: string;
}

/** Where Compose and Kubernetes name a service. */
function itemsOf({ name, UPPER }: Names, port: number, composed: string): ManifestItem[] {
  const image = `{ name: weave-nn/${name}, newName: registry.example.com/weave-nn/${name} }`;
  const variable = `${UPPER}_SERVICE_URL`;
  return [
    {
      file: 'docker/compose.yml',
      path: ['x-environment'],
      name: variable,
      text: `  ${variable}: http://${name}:${port}\n`,
    },
    { file: 'docker/compose.yml', path: ['services'], name, text: composed },
    { file: 'k8s/base/kustomization.yaml', path: ['resources'], name, text: `  - ${name}\n` },
    { file: 'k8s/overlays/production/kustomization.yaml', path: ['images'], name: image, text: `  - ${image}\n` },
  ];
}

/**
 * Names a service in the manifests that all services share, or takes it out of them.
 *
 * @param workspace absolute path
 * @param composed the service as `docker/compose.yml` has it
 */
export function changeManifests(
  workspace: string,
  names: Names,
  port: number,
  composed: string,
  isThere: boolean,
): void {
  for (const { file, path, name, text } of itemsOf(names, port, composed)) {
    const absolute = join(workspace, file);
    const content = readFileSync(absolute, 'utf8');
    writeFileSync(absolute, isThere ? addItem(content, path, text) : removeItem(content, path, name));
  }
}
