import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceDefinition } from '@weave-nn/service';
import { beforeAll, describe, expect, test } from 'vitest';
import { readServices } from '../services.ts';
import {
  type Change,
  connectionViolations,
  referenceViolations,
  securityViolations,
  serviceViolations,
} from './fixture/violations.ts';
import { type KubernetesObject, readObjects } from './objects.ts';
import { checkReferences } from './policies/references.ts';
import { checkSecurity } from './policies/security.ts';
import { checkConnections, checkServices } from './policies/services.ts';
import { hasKubectl, renderOverlay } from './render.ts';
import { checkSchema } from './schema.ts';

const workspace = join(import.meta.dirname, '../../..');

describe.runIf(hasKubectl())('the policies', () => {
  let good: KubernetesObject[];
  let services: ServiceDefinition[];
  beforeAll(async () => {
    const secrets = readFileSync(join(workspace, 'k8s/secrets.example.yaml'), 'utf8');
    good = [...readObjects(renderOverlay(join(workspace, 'k8s/overlays/production'))), ...readObjects(secrets)];
    services = await readServices(workspace);
  });

  function changed(change: Change): KubernetesObject[] {
    const objects = structuredClone(good);
    change((kind, name) => {
      const found = objects.find((each) => each.kind === kind && each.metadata.name === name);
      if (!found) throw new Error(`there is no ${kind} ${name} to spoil`);
      return found;
    });
    return objects;
  }

  test.each(referenceViolations)('of references find %s', (_title, change, problem) => {
    expect(checkReferences(changed(change)).join('\n')).toContain(problem);
  });
  test.each(securityViolations)('of security find %s', (_title, change, problem) => {
    expect(checkSecurity(changed(change)).join('\n')).toContain(problem);
  });
  test.each(serviceViolations)('of services find %s', (_title, change, problem) => {
    expect(checkServices(changed(change), services).join('\n')).toContain(problem);
  });
  test.each(connectionViolations)('of connections find %s', (_title, change, problem) => {
    expect(checkConnections(changed(change)).join('\n')).toContain(problem);
  });
});

describe('the schemas', () => {
  const deployment = (container: string, more = '') =>
    `{ apiVersion: apps/v1, kind: Deployment, metadata: { name: a }, ${more}
       spec: { selector: {}, template: { spec: { containers: [{ name: a, ${container} }] } } } }`;

  test.each([
    [deployment('image: b'), []],
    [deployment('imag: b'), ['Deployment a: spec.template.spec.containers.0.imag is no field of it']],
    [deployment('image: b', 'specs: 1,'), ['Deployment a: specs is no field of it']],
    [deployment('ports: [{ containerPort: x }]'), [expect.stringContaining('containerPort must be integer')]],
    ['{ apiVersion: apps/v1, kind: Deplyment, metadata: { name: a } }', ['Deplyment a: apps/v1 has no such kind']],
    [
      '{ apiVersion: postgresql.cnpg.io/v1, kind: Cluster, metadata: { name: a }, spec: { instances: 1 } }',
      expect.arrayContaining([expect.stringContaining('Cluster a: spec/instances')]),
    ],
  ])('judge %s', async (text, problems) => {
    expect(await checkSchema(readObjects(text)[0] as KubernetesObject)).toEqual(problems);
  });
});
