import { type KubernetesObject, podOf, titleOf } from '../objects.ts';

const EXACT_TAG = /:v?\d+\.\d+(\.\d+)?[^/:]*$|@sha256:[0-9a-f]{64}$|:[0-9a-f]{16}$/;

/** Nothing runs as root or can become it, writes to its image, talks to the cluster unasked, or is of an open version. */
export function checkSecurity(objects: readonly KubernetesObject[]): string[] {
  const problems: string[] = [];
  for (const object of objects) {
    const pod = podOf(object);
    const images = pod ? pod.spec.containers.map(({ image }: { image: string }) => image) : imagesOfOperator(object);
    for (const image of images) {
      if (!EXACT_TAG.test(image)) problems.push(`${titleOf(object)}: the version of the image ${image} is open`);
    }
    if (!pod) continue;
    const require = (holds: boolean, problem: string) => {
      if (!holds) problems.push(`${titleOf(object)}: ${problem}`);
    };
    const { securityContext = {}, serviceAccountName, automountServiceAccountToken } = pod.spec;
    require(securityContext.runAsNonRoot === true && securityContext.runAsUser > 0, 'it may run as root');
    require(securityContext.seccompProfile?.type === 'RuntimeDefault', 'its system calls are not limited');
    const usesCluster = objects.some(
      ({ kind, subjects = [] }) =>
        kind === 'RoleBinding' && subjects.some(({ name }: { name: string }) => name === serviceAccountName),
    );
    require(usesCluster || automountServiceAccountToken === false, 'it gets a token of the cluster and needs none');
    for (const { name, securityContext: own = {}, resources = {} } of pod.spec.containers) {
      require(own.allowPrivilegeEscalation === false, `${name} can gain privileges`);
      require(own.readOnlyRootFilesystem === true, `${name} can write to its own image`);
      require(own.capabilities?.drop?.includes('ALL') === true, `${name} has capabilities`);
      for (const bound of ['requests', 'limits']) {
        require(resources[bound]?.cpu && resources[bound]?.memory, `${name} has no ${bound} of cpu and memory`);
      }
    }
  }
  return problems;
}

function imagesOfOperator({ spec }: KubernetesObject): string[] {
  return [spec?.imageName, spec?.kubernetesConfig?.image].filter((image) => image !== undefined);
}
