import { type KubernetesObject, podOf, titleOf } from '../objects.ts';

type Labels = Readonly<Record<string, string>>;

interface Selector {
  matchLabels?: Labels;
  matchExpressions?: readonly { key: string; operator: string; values: readonly string[] }[];
}

/** Whether labels fit a selector; of its expressions only `In`, which is all that is used here. */
function fits({ matchLabels = {}, matchExpressions = [] }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every(({ key, operator, values }) => operator === 'In' && values.includes(labels[key] ?? ''))
  );
}

/** What a pod takes from Secrets and ConfigMaps: kind, name and, where one is named, the key. */
function sourcesOf(pod: KubernetesObject) {
  const { containers, volumes = [] } = pod.spec;
  const found: { kind: string; name: string; key?: string }[] = [];
  const addItems = (kind: string, name: string, items: readonly { key: string }[] = []) => {
    found.push({ kind, name }, ...items.map(({ key }) => ({ kind, name, key })));
  };
  for (const { env = [], envFrom = [] } of containers) {
    for (const { valueFrom } of env) {
      if (valueFrom?.secretKeyRef) found.push({ kind: 'Secret', ...valueFrom.secretKeyRef });
      if (valueFrom?.configMapKeyRef) found.push({ kind: 'ConfigMap', ...valueFrom.configMapKeyRef });
    }
    for (const { configMapRef, secretRef } of envFrom) {
      if (configMapRef) addItems('ConfigMap', configMapRef.name);
      if (secretRef) addItems('Secret', secretRef.name);
    }
  }
  for (const { configMap, secret, projected } of volumes) {
    for (const source of [{ configMap, secret }, ...(projected?.sources ?? [])]) {
      if (source.configMap) addItems('ConfigMap', source.configMap.name, source.configMap.items);
      if (source.secret) addItems('Secret', source.secret.secretName ?? source.secret.name, source.secret.items);
    }
  }
  return found;
}

/**
 * Everything that an object names is there: pods behind selectors, what is scaled, claimed or called, and every key of
 * a Secret or ConfigMap.
 */
export function checkReferences(objects: readonly KubernetesObject[]): string[] {
  const problems: string[] = [];
  const find = (kind: string, name: string) =>
    objects.find((each) => each.kind === kind && each.metadata.name === name);
  const pods = objects.map(podOf).filter((pod) => pod !== undefined);
  const matches = (selector: Selector) => pods.filter((pod) => fits(selector, pod.metadata.labels ?? {}));
  const report = (object: KubernetesObject, problem: string) => problems.push(`${titleOf(object)}: ${problem}`);

  function needs(object: KubernetesObject, kind: string, name: string | undefined) {
    if (name !== undefined && !find(kind, name)) report(object, `names the ${kind} ${name}, which is not there`);
  }

  for (const object of objects) {
    const { kind, spec } = object;
    const pod = podOf(object);
    if (pod) {
      needs(object, 'ServiceAccount', pod.spec.serviceAccountName);
      for (const { persistentVolumeClaim } of pod.spec.volumes ?? []) {
        needs(object, 'PersistentVolumeClaim', persistentVolumeClaim?.claimName);
      }
      for (const source of sourcesOf(pod)) {
        const found = find(source.kind, source.name);
        if (!found) report(object, `names the ${source.kind} ${source.name}, which is not there`);
        const keys = { ...found?.data, ...found?.stringData };
        if (found && source.key !== undefined && !(source.key in keys)) {
          report(object, `names the key ${source.key}, which the ${source.kind} ${source.name} does not have`);
        }
      }
    }
    if (kind === 'Deployment' || kind === 'StatefulSet') {
      if (!fits(spec.selector, pod?.metadata.labels ?? {})) report(object, 'its selector does not fit its own pods');
      if (matches(spec.selector).length > 1) report(object, 'its selector fits pods of others as well');
    }
    if (kind === 'StatefulSet') needs(object, 'Service', spec.serviceName);
    if (kind === 'Service') {
      const behind = matches({ matchLabels: spec.selector });
      if (behind.length === 0) report(object, 'no pod is behind it');
      for (const { targetPort } of spec.ports) {
        const ports = behind.flatMap(({ spec: { containers } }) => containers).flatMap(({ ports: each = [] }) => each);
        if (!ports.some(({ name }) => name === targetPort)) report(object, `its pods have no port ${targetPort}`);
      }
    }
    if (kind === 'HorizontalPodAutoscaler') needs(object, spec.scaleTargetRef.kind, spec.scaleTargetRef.name);
    if (kind === 'PodDisruptionBudget' && matches(spec.selector).length !== 1) {
      report(object, 'it does not fit the pods of exactly one');
    }
    if (kind === 'NetworkPolicy' && matches(spec.podSelector).length === 0) report(object, 'it fits no pod');
    if (kind === 'Ingress') {
      for (const { http } of spec.rules) {
        for (const { backend } of http.paths) {
          const service = find('Service', backend.service.name);
          needs(object, 'Service', backend.service.name);
          if (service && !service.spec.ports.some(({ name }: { name: string }) => name === backend.service.port.name)) {
            report(object, `the Service ${backend.service.name} has no port ${backend.service.port.name}`);
          }
        }
      }
    }
  }
  return problems;
}
