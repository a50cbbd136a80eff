import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceDefinition } from '@weave-nn/service';
import { beforeAll, describe, expect, test } from 'vitest';
import { makeSecrets, overlayHosts, secretManifests } from '../make-secrets.ts';
import { readServices } from '../services.ts';
import { type KubernetesObject, readObjects } from './objects.ts';
import { checkReferences } from './policies/references.ts';
import { checkSecurity } from './policies/security.ts';
import { checkConnections, checkServices } from './policies/services.ts';
import { hasKubectl, renderOverlay } from './render.ts';
import { checkSchema } from './schema.ts';

const workspace = join(import.meta.dirname, '../../..');
const k8s = join(workspace, 'k8s');
const overlays = readdirSync(join(k8s, 'overlays'));
const secrets = readObjects(readFileSync(join(k8s, 'secrets.example.yaml'), 'utf8'));

/** The files that hold whole objects: neither kustomize's own, nor patches. */
function manifests(): string[] {
  return readdirSync(k8s, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.yaml') && !path.endsWith('kustomization.yaml'))
    .filter((path) => !/^components\/service\/(deployment|migration)\.yaml$/.test(path))
    .sort();
}

let services: ServiceDefinition[];
beforeAll(async () => {
  services = await readServices(workspace);
});

describe('the manifests', () => {
  test.each(manifests())('of %s have the schemas of their kinds', async (path) => {
    const objects = readObjects(readFileSync(join(k8s, path), 'utf8'));
    expect(objects).not.toEqual([]);
    expect((await Promise.all(objects.map(checkSchema))).flat()).toEqual([]);
  });

  test('of every service that the code has are in the base', () => {
    const { resources } = readObjects(
      readFileSync(join(k8s, 'base/kustomization.yaml'), 'utf8'),
    )[0] as KubernetesObject;
    for (const { name } of services) expect(resources).toContain(name);
  });

  test.each(Object.keys(overlayHosts))('get the secrets that are made for %s', (overlay) => {
    const made = readObjects(secretManifests(makeSecrets(overlayHosts[overlay] as never)));
    const keysOf = (objects: KubernetesObject[]) =>
      objects.map(({ metadata, stringData }) => [metadata.name, Object.keys(stringData).sort()]);
    expect(keysOf(made)).toEqual(keysOf(secrets));
    expect(JSON.stringify(made)).not.toContain('example');
  });
});

describe.runIf(hasKubectl()).each(overlays)('the overlay %s, rendered by kubectl', (overlay) => {
  const render = () => renderOverlay(join(k8s, 'overlays', overlay));
  let text: string;
  let objects: KubernetesObject[];
  beforeAll(() => {
    text = render();
    objects = readObjects(text);
  });

  test('is the same each time', () => {
    expect(render()).toBe(text);
  });

  test('has the schemas of Kubernetes', async () => {
    expect((await Promise.all(objects.map(checkSchema))).flat()).toEqual([]);
  });

  test('names nothing that is not there', () => {
    expect(checkReferences([...objects, ...secrets])).toEqual([]);
  });

  test('runs nothing as root, unbounded or of an open version', () => {
    expect(checkSecurity(objects)).toEqual([]);
  });

  test('has every service with what it must know, and can replace its copies one by one', () => {
    expect(checkServices(objects, services)).toEqual([]);
  });

  test('opens no more connections than PostgreSQL takes', () => {
    expect(checkConnections(objects)).toEqual([]);
  });

  test('keeps secrets out of what is rendered', () => {
    expect(objects.filter(({ kind }) => kind === 'Secret')).toEqual([]);
  });
});
describe.skipIf(hasKubectl())('kubectl, which renders overlays,', () => {
  test.skip('is not installed: what is rendered was not checked', () => {});
});
