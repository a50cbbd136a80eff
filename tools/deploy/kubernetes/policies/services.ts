import type { ServiceDefinition } from '@weave-nn/service';
import { checkSettings } from '../../settings.ts';
import { type KubernetesObject, titleOf } from '../objects.ts';

/** The paths that every service answers without a key; what they mean is in libs/service. */
export const probePaths = { startupProbe: '/health', livenessProbe: '/health', readinessProbe: '/ready' };
/** A stop ends by itself after this many seconds, whatever is left. */
const MAX_STOP_MS = 10;

const parts = ['Service', 'ServiceAccount', 'HorizontalPodAutoscaler', 'NetworkPolicy'];

/** The environment of a container, with what is in the ConfigMaps that it names. */
export function environmentOf(
  container: KubernetesObject['spec'],
  objects: readonly KubernetesObject[],
): Record<string, string> {
  const environment: Record<string, string> = {};
  const configMap = (name: string) => objects.find((each) => each.kind === 'ConfigMap' && each.metadata.name === name);
  for (const { configMapRef } of container.envFrom ?? []) {
    Object.assign(environment, configMap(configMapRef.name)?.data);
  }
  for (const { name, value, valueFrom } of container.env ?? []) {
    const from = valueFrom?.configMapKeyRef;
    environment[name] = from ? configMap(from.name)?.data[from.key] : value;
  }
  return environment;
}

/** Every service that the code has is there with all that belongs to one, and is told what it must know. */
export function checkServices(objects: readonly KubernetesObject[], services: readonly ServiceDefinition[]): string[] {
  const find = (kind: string, name: string) =>
    objects.find((each) => each.kind === kind && each.metadata.name === name);
  const problems: string[] = [];
  for (const definition of services) {
    const { name, port } = definition;
    const deployment = find('Deployment', name);
    const migration = find('Job', `migrate-${name}`);
    for (const kind of parts) if (!find(kind, name)) problems.push(`the service ${name} has no ${kind}`);
    if (!deployment) {
      problems.push(`the service ${name} has no Deployment`);
      continue;
    }
    problems.push(...checkDeployment(deployment, port));
    const [container] = deployment.spec.template.spec.containers;
    const environment = environmentOf(container, objects);
    problems.push(...checkSettings(definition, environment));
    if (environment.MIGRATE_ON_START !== 'false') problems.push(`${name} migrates at each start of a copy`);
    if (definition.store === undefined) continue;
    const [migrating] = migration?.spec.template.spec.containers ?? [];
    if (migrating?.image !== container.image) problems.push(`${name} is not migrated by a Job with its own image`);
    else if (migrating.args?.join(' ') !== 'migrate') problems.push(`the Job of ${name} does not just migrate`);
  }
  const known = new Set(services.map(({ name }) => name));
  for (const object of objects.filter(({ kind }) => kind === 'Deployment')) {
    if (!known.has(object.metadata.name)) problems.push(`${titleOf(object)}: the code has no such service`);
  }
  return problems;
}

function checkDeployment(deployment: KubernetesObject, port: number): string[] {
  const { strategy, template, replicas } = deployment.spec;
  const { containers, terminationGracePeriodSeconds = 30, topologySpreadConstraints = [] } = template.spec;
  const [container] = containers;
  const [http] = container.ports ?? [];
  const checks: [boolean, string][] = [
    [http?.name === 'http' && http.containerPort === port, `it does not offer the port ${port}, which it listens on`],
    [strategy?.rollingUpdate?.maxUnavailable === 0, 'a roll-out takes copies away before new ones are ready'],
    [replicas === undefined, 'it sets the number of copies, which is the autoscaler’s'],
    [topologySpreadConstraints.length > 0, 'its copies may all be on one node'],
    [
      (container.lifecycle?.preStop?.sleep?.seconds ?? 0) >= 5,
      'it stops before the endpoints have learnt that it goes',
    ],
    [
      terminationGracePeriodSeconds > MAX_STOP_MS + (container.lifecycle?.preStop?.sleep?.seconds ?? 0),
      'it may be killed while it stops',
    ],
    ...Object.entries(probePaths).map(([probe, path]): [boolean, string] => [
      container[probe]?.httpGet?.path === path && container[probe].httpGet.port === 'http',
      `its ${probe} does not ask ${path}`,
    ]),
  ];
  return checks.filter(([holds]) => !holds).map(([, problem]) => `${titleOf(deployment)}: ${problem}`);
}

/** All copies that there may be at once together need no more connections than PostgreSQL takes. */
export function checkConnections(objects: readonly KubernetesObject[]): string[] {
  const cluster = objects.find(({ kind }) => kind === 'Cluster');
  const own = objects.find(({ kind, metadata }) => kind === 'StatefulSet' && metadata.name === 'postgresql');
  const argument = own?.spec.template.spec.containers[0].args.find((each: string) =>
    each.startsWith('max_connections='),
  );
  const most = Number(cluster?.spec.postgresql.parameters.max_connections ?? argument?.split('=')[1]);
  const RESERVED = 10;
  const needed = objects
    .filter(({ kind }) => kind === 'HorizontalPodAutoscaler')
    .map(({ spec }) => {
      const deployment = objects.find(
        ({ kind, metadata }) => kind === 'Deployment' && metadata.name === spec.scaleTargetRef.name,
      );
      const container = deployment?.spec.template.spec.containers[0];
      return (spec.maxReplicas + 1) * Number(environmentOf(container, objects).DATABASE_POOL_SIZE ?? 10);
    })
    .reduce((sum, each) => sum + each, RESERVED);
  return needed <= most ? [] : [`the services may open ${needed} connections, but PostgreSQL takes ${most}`];
}
