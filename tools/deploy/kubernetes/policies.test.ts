import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ServiceDefinition } from '@weave-nn/service';
import { beforeAll, describe, expect, test } from 'vitest';
import { readServices } from '../services.ts';
import { type KubernetesObject, readObjects } from './objects.ts';
import { checkReferences } from './policies/references.ts';
import { checkSecurity } from './policies/security.ts';
import { checkConnections, checkServices } from './policies/services.ts';
import { hasKubectl, renderOverlay } from './render.ts';
import { checkSchema } from './schema.ts';

const workspace = join(import.meta.dirname, '../../..');

type Change = (find: (kind: string, name: string) => KubernetesObject) => void;
/** What is wrong, how it comes to be, and what is said of it. */
type Violation = [title: string, change: Change, problem: string];

const podOfFile = (find: Parameters<Change>[0]) => find('Deployment', 'file').spec.template.spec;

const referenceViolations: Violation[] = [
  [
    'a key that a Secret lacks',
    (find) => {
      find('Secret', 'weave-nn').stringData = {};
    },
    'Deployment file: names the key database-url, which the Secret weave-nn does not have',
  ],
  [
    'a ConfigMap that is not there',
    (find) => {
      podOfFile(find).containers[0].envFrom[0].configMapRef.name = 'gone';
    },
    'Deployment file: names the ConfigMap gone, which is not there',
  ],
  [
    'a selector that fits no pod of its own',
    (find) => {
      find('Deployment', 'file').spec.selector.matchLabels = { 'app.kubernetes.io/name': 'other' };
    },
    'Deployment file: its selector does not fit its own pods',
  ],
  [
    'a Service that leads to no pod',
    (find) => {
      find('Service', 'file').spec.selector = { a: 'b' };
    },
    'Service file: no pod is behind it',
  ],
  [
    'a Service that leads to a port that pods lack',
    (find) => {
      find('Service', 'file').spec.ports[0].targetPort = 'https';
    },
    'Service file: its pods have no port https',
  ],
  [
    'an autoscaler of something that is not there',
    (find) => {
      find('HorizontalPodAutoscaler', 'file').spec.scaleTargetRef.name = 'fiel';
    },
    'HorizontalPodAutoscaler file: names the Deployment fiel, which is not there',
  ],
  [
    'a budget that fits the pods of several',
    (find) => {
      find('PodDisruptionBudget', 'file').spec.selector.matchLabels = { 'app.kubernetes.io/component': 'service' };
    },
    'PodDisruptionBudget file: it does not fit the pods of exactly one',
  ],
  [
    'a volume that nobody claims',
    (find) => {
      podOfFile(find).volumes.find(({ name }: { name: string }) => name === 'vault').persistentVolumeClaim.claimName =
        'x';
    },
    'Deployment file: names the PersistentVolumeClaim x, which is not there',
  ],
  [
    'a policy for pods that there are not',
    (find) => {
      find('NetworkPolicy', 'file').spec.podSelector.matchLabels = { a: 'b' };
    },
    'NetworkPolicy file: it fits no pod',
  ],
  [
    'a way in to nowhere',
    (find) => {
      find('Ingress', 'weave-nn').spec.rules[0].http.paths[0].backend.service.port.name = 'web';
    },
    'Ingress weave-nn: the Service gateway has no port web',
  ],
];

const securityViolations: Violation[] = [
  [
    'a pod that may be root',
    (find) => {
      podOfFile(find).securityContext.runAsNonRoot = false;
    },
    'Deployment file: it may run as root',
  ],
  [
    'a container that writes to its image',
    (find) => {
      podOfFile(find).containers[0].securityContext.readOnlyRootFilesystem = false;
    },
    'Deployment file: service can write to its own image',
  ],
  [
    'an image of no certain version',
    (find) => {
      podOfFile(find).containers[0].image = 'weave-nn/file:latest';
    },
    'Deployment file: the version of the image weave-nn/file:latest is open',
  ],
  [
    'a container without limits',
    (find) => {
      delete podOfFile(find).containers[0].resources.limits;
    },
    'Deployment file: service has no limits of cpu and memory',
  ],
  [
    'a token of the cluster for who does not use it',
    (find) => {
      delete podOfFile(find).automountServiceAccountToken;
    },
    'Deployment file: it gets a token of the cluster and needs none',
  ],
];

const serviceViolations: Violation[] = [
  [
    'a port that the service does not listen on',
    (find) => {
      podOfFile(find).containers[0].ports[0].containerPort = 80;
    },
    'Deployment file: it does not offer the port 8001, which it listens on',
  ],
  [
    'a probe of a path that is not there',
    (find) => {
      podOfFile(find).containers[0].readinessProbe.httpGet.path = '/healthz';
    },
    'Deployment file: its readinessProbe does not ask /ready',
  ],
  [
    'a roll-out that takes copies away first',
    (find) => {
      find('Deployment', 'file').spec.strategy.rollingUpdate.maxUnavailable = 1;
    },
    'Deployment file: a roll-out takes copies away before new ones are ready',
  ],
  [
    'a grace period that is shorter than a stop',
    (find) => {
      podOfFile(find).terminationGracePeriodSeconds = 12;
    },
    'Deployment file: it may be killed while it stops',
  ],
  [
    'a variable that nobody reads',
    (find) => {
      podOfFile(find).containers[0].env.push({ name: 'VAULT_PAHT', value: '/vault' });
    },
    'file is given VAULT_PAHT, which it does not read',
  ],
  [
    'a variable that is missing',
    (find) => {
      podOfFile(find).containers[0].envFrom = [];
    },
    'file: SERVICE_SIGNING_KEY: expected the key',
  ],
  [
    'a Job of another image',
    (find) => {
      find('Job', 'migrate-file').spec.template.spec.containers[0].image = 'weave-nn/file:0.0.1';
    },
    'file is not migrated by a Job with its own image',
  ],
  [
    'a service that the code does not have',
    (find) => {
      find('Deployment', 'file').metadata.name = 'files';
    },
    'Deployment files: the code has no such service',
  ],
];

const connectionViolations: Violation[] = [
  [
    'more copies than PostgreSQL has connections for',
    (find) => {
      find('HorizontalPodAutoscaler', 'file').spec.maxReplicas = 40;
    },
    'but PostgreSQL takes 200',
  ],
];

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
