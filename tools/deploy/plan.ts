import type { ServiceDefinition } from '@weave-nn/service';
import { DeployError } from './errors.ts';
import { type KubernetesObject, podOf } from './kubernetes/objects.ts';

const NAME = 'app.kubernetes.io/name';
const COMPONENT = 'app.kubernetes.io/component';

/** The image of an app, by the hash of what is in it. */
export interface Image {
  app: string;
  reference: string;
}

/** What is applied for one service. */
export interface ServicePlan {
  name: string;
  reference: string;
  /** Brings its tables up to date. */
  migration: KubernetesObject | undefined;
  deployment: KubernetesObject;
  /** Everything else that belongs to it. */
  objects: readonly KubernetesObject[];
}

export interface Plan {
  namespace: string;
  images: readonly Image[];
  /** What all services refer to, such as the shared settings. */
  shared: readonly KubernetesObject[];
  /** Stores and the way in, where they are to be applied as well. */
  processContext: readonly KubernetesObject[];
  /** Each after those whose answers it needs. */
  services: readonly ServicePlan[];
}

/** Where an overlay's images are: what its Deployments have before the name of the app. */
export function registryOf(rendered: readonly KubernetesObject[]): string {
  const [container] = rendered.find(({ kind }) => kind === 'Deployment')?.spec.template.spec.containers ?? [];
  const registry = /^(.+)\/[^/]+$/.exec(container?.image ?? '')?.[1];
  if (registry === undefined) throw new DeployError('the overlay has no Deployment that says where images are');
  return registry;
}

/** The objects with an app's image in place of the name that manifests have for it. */
function withImage(object: KubernetesObject, { app, reference }: Image): KubernetesObject {
  const copy = structuredClone(object);
  for (const container of podOf(copy)?.spec.containers ?? []) {
    if (new RegExp(`(^|/)weave-nn/${app}(:|$)`).test(container.image)) container.image = reference;
  }
  return copy;
}

function planService(image: Image, rendered: readonly KubernetesObject[]): ServicePlan {
  const { app: name, reference } = image;
  const own = rendered
    .filter(({ metadata }) => metadata.labels?.[NAME] === name)
    .map((object) => withImage(object, image));
  const deployment = own.find(({ kind }) => kind === 'Deployment');
  if (!deployment) throw new DeployError(`the overlay has no Deployment ${name}; add it in k8s/base/${name}`);
  const migration = own.find(({ kind }) => kind === 'Job');
  return {
    name,
    reference,
    migration,
    deployment,
    objects: own.filter((each) => each !== deployment && each !== migration),
  };
}

/**
 * Says what a deploy of some apps is to do, in which order.
 *
 * @param options.services all there are, in the order of need
 * @param options.images of the apps that are to be deployed; those that are no service, such as `weave`, only get an image
 * @param options.rendered the overlay's objects
 * @param options.withSurroundings whether stores and the way in are applied too, as a first time needs it
 */
export function planDeploy(options: {
  services: readonly Pick<ServiceDefinition, 'name'>[];
  images: readonly Image[];
  rendered: readonly KubernetesObject[];
  withSurroundings: boolean;
}): Plan {
  const { services, images, rendered, withSurroundings } = options;
  const names = new Set(services.map(({ name }) => name));
  const isShared = ({ metadata }: KubernetesObject) => metadata.labels?.[COMPONENT] === 'shared';
  const isOfService = ({ metadata }: KubernetesObject) => names.has(metadata.labels?.[NAME] ?? '');
  const [namespace] = new Set(rendered.map(({ metadata }) => metadata.namespace).filter((each) => each !== undefined));
  if (namespace === undefined) throw new DeployError('the overlay says no namespace');
  const imageOf = (name: string) => images.find(({ app }) => app === name);
  return {
    namespace,
    images,
    shared: rendered.filter(isShared),
    processContext: withSurroundings ? rendered.filter((each) => !isShared(each) && !isOfService(each)) : [],
    services: services
      .map(({ name }) => imageOf(name))
      .filter((image) => image !== undefined)
      .map((image) => planService(image, rendered)),
  };
}

/** The plan for people: a line for each step, in their order. */
export function describePlan({ namespace, images, shared, processContext, services }: Plan): string {
  const kinds = (objects: readonly KubernetesObject[]) => [...new Set(objects.map(({ kind }) => kind))].join(', ');
  const lines = images.map(({ app, reference }) => `image    ${app}: ${reference}`);
  if (services.length > 0) {
    if (processContext.length > 0) lines.push(`apply    stores and the way in: ${kinds(processContext)}`);
    lines.push(`apply    shared: ${kinds(shared)}`);
    for (const { name, migration } of services)
      if (migration) lines.push(`migrate  ${name}: Job ${migration.metadata.name}`);
    for (const { name, objects } of services) {
      lines.push(`roll out ${name}: Deployment${objects.length > 0 ? `, ${kinds(objects)}` : ''}`);
    }
  }
  if (lines.length === 0) return 'nothing to deploy\n';
  return `${lines.map((line) => `  ${line}`).join('\n')}\n  in the namespace ${namespace}; a roll-out that fails is taken back with those before it\n`;
}
