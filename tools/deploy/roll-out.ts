import { stringify } from 'yaml';
import { DeployError } from './errors.ts';
import { type KubernetesObject, titleOf } from './kubernetes/objects.ts';
import type { Plan, ServicePlan } from './plan.ts';
import type { Programs } from './programs.ts';

interface Cluster {
  /** Runs kubectl in the plan's namespace. */
  kubectl(...args: string[]): Promise<void>;
  apply(objects: readonly KubernetesObject[]): Promise<void>;
  /** The revision of a Deployment that runs; undefined when there is none. */
  revisionOf(name: string): Promise<string | undefined>;
  migrate(job: KubernetesObject): Promise<void>;
}

/** A roll-out that was begun, and what ran before. */
interface Begun {
  name: string;
  before: string | undefined;
}

function openCluster(programs: Programs, namespace: string, timeout: string): Cluster {
  const own = (args: readonly string[]) => ['--namespace', namespace, ...args];
  const kubectl = (...args: string[]) => programs.run('kubectl', own(args));
  return {
    kubectl,
    async apply(objects) {
      if (objects.length === 0) return;
      const text = objects.map((object) => stringify(object)).join('---\n');
      await programs.run('kubectl', own(['apply', '--filename', '-']), text);
    },
    async revisionOf(name) {
      const path = String.raw`jsonpath={.metadata.annotations.deployment\.kubernetes\.io/revision}`;
      const revision = await programs.ask('kubectl', own(['get', 'deployment', name, '--output', path]));
      return revision?.trim() || undefined;
    },
    async migrate(job) {
      const { name } = job.metadata;
      // A Job cannot be changed, and one of this name ran before.
      await kubectl('delete', 'job', name, '--ignore-not-found', '--wait');
      await this.apply([job]);
      const wait = (condition: string) =>
        own(['wait', `job/${name}`, `--for=condition=${condition}`, `--timeout=${timeout}`]);
      if ((await programs.race('kubectl', [wait('complete'), wait('failed')])) === 0) return;
      throw new DeployError(`the migration ${name} failed; see: kubectl --namespace ${namespace} logs job/${name}`);
    },
  };
}

/** How a store is waited for; undefined for what needs no waiting. */
function waitFor({ apiVersion, kind, metadata }: KubernetesObject): string[] | undefined {
  if (kind === 'StatefulSet') return ['rollout', 'status', `statefulset/${metadata.name}`];
  if (apiVersion.startsWith('postgresql.cnpg.io/')) {
    return ['wait', `clusters.postgresql.cnpg.io/${metadata.name}`, '--for=condition=Ready'];
  }
  return undefined;
}

/** Takes roll-outs back, the last one first; what did not run before is left to be looked at. */
async function rollBack(cluster: Cluster, begun: readonly Begun[], timeout: string, say: (line: string) => void) {
  for (const { name, before } of [...begun].reverse()) {
    try {
      if (before === undefined) {
        say(`${name} did not run before; it is left as it is`);
      } else if ((await cluster.revisionOf(name)) === before) {
        say(`${name} is as before`);
      } else {
        await cluster.kubectl('rollout', 'undo', `deployment/${name}`, `--to-revision=${before}`);
        await cluster.kubectl('rollout', 'status', `deployment/${name}`, `--timeout=${timeout}`);
        say(`${name} is back at revision ${before}`);
      }
    } catch (error) {
      say(`${name} could not be taken back: ${(error as Error).message}`);
    }
  }
}

/**
 * Applies a plan to the cluster that kubectl talks to. All migrations are done before the first service is rolled out:
 * they only add, so that what still runs is not disturbed. Each service is waited for before the next is begun; when one
 * does not come up in time, it and those before it are taken back to what ran.
 *
 * @param options.timeout how long each step may take, as kubectl has it: `300s`
 * @throws DeployError with the step that failed, after everything was taken back
 */
export async function rollOut(
  plan: Plan,
  options: { programs: Programs; timeout: string; say: (line: string) => void },
): Promise<void> {
  const { programs, timeout, say } = options;
  if (plan.services.length === 0) return;
  const cluster = openCluster(programs, plan.namespace, timeout);
  await cluster.apply([...plan.processContext, ...plan.shared]);
  for (const store of plan.processContext) {
    const wait = waitFor(store);
    if (!wait) continue;
    say(`waiting for ${titleOf(store)}`);
    await cluster.kubectl(...wait, `--timeout=${timeout}`);
  }
  for (const { name, migration, objects } of plan.services) {
    if (!migration) continue;
    say(`migrating ${name}`);
    // With what the Job refers to, such as its ServiceAccount.
    await cluster.apply(objects);
    await cluster.migrate(migration);
  }
  const begun: Begun[] = [];
  try {
    for (const service of plan.services) await replace(cluster, service, begun, timeout, say);
  } catch (error) {
    if (!(error instanceof DeployError)) throw error;
    say(`${error.message}; taking back what was rolled out`);
    await rollBack(cluster, begun, timeout, say);
    throw error;
  }
}

async function replace(
  cluster: Cluster,
  { name, reference, deployment, objects }: ServicePlan,
  begun: Begun[],
  timeout: string,
  say: (line: string) => void,
): Promise<void> {
  say(`rolling out ${name} as ${reference}`);
  begun.push({ name, before: await cluster.revisionOf(name) });
  await cluster.apply([...objects, deployment]);
  await cluster.kubectl('rollout', 'status', `deployment/${name}`, `--timeout=${timeout}`);
}
