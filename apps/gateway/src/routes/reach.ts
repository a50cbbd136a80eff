import { type Instance, type ServiceName, serviceNames, type Upstreams } from '@weave-nn/clients';
import type { MountedApp, Readiness } from '@weave-nn/service';

const TIMEOUT = 2_000;

/** A service that the gateway can ask something, wherever it runs. */
export interface Reachable {
  name: ServiceName;
  mode: 'mounted' | 'remote';
  /**
   * Asks for one of the paths that need no token.
   *
   * @throws what the connection says when it does not answer
   */
  get(path: string): Promise<{ status: number; json: unknown }>;
  /**
   * Asks every copy of the service whether it is ready.
   *
   * @returns what a copy says that is ready; of none, what any says that answers
   * @throws the error of the first copy when none answers
   */
  readiness(): Promise<Readiness>;
}

function reachMounted(name: ServiceName, { app }: MountedApp): Reachable {
  return {
    name,
    mode: 'mounted',
    async get(path) {
      const answer = await app.inject(path);
      return { status: answer.statusCode, json: answer.json() };
    },
    async readiness() {
      return (await app.inject('/ready')).json();
    },
  };
}

async function ask({ pool }: Instance, path: string): Promise<{ status: number; json: unknown }> {
  const answer = await pool.request({ path, method: 'GET', headersTimeout: TIMEOUT, bodyTimeout: TIMEOUT });
  return { status: answer.statusCode, json: await answer.body.json() };
}

/** Resolves with the first copy that is ready, without waiting for the others. */
async function firstReady(instances: readonly Instance[]): Promise<Readiness> {
  const asked = instances.map(async (instance) => (await ask(instance, '/ready')).json as Readiness);
  const ready = asked.map(async (asking) => {
    const readiness = await asking;
    return readiness.status === 'ready' ? readiness : Promise.reject(new Error('it is not ready'));
  });
  return Promise.any(ready).catch(() =>
    Promise.any(asked).catch(({ errors: [first] }: AggregateError) => Promise.reject(first)),
  );
}

function reachRemote(name: ServiceName, remote: Upstreams): Reachable {
  return {
    name,
    mode: 'remote',
    get: (path) => ask(remote.pick(), path),
    readiness: () => firstReady(remote.instances),
  };
}

/** Every service of the system but the gateway itself, in the same order wherever they run. */
export function reachables(
  mounted: ReadonlyMap<string, MountedApp>,
  upstreams: ReadonlyMap<string, Upstreams>,
): Reachable[] {
  return serviceNames.flatMap((name) => {
    const here = mounted.get(name);
    if (here) return [reachMounted(name, here)];
    const elsewhere = upstreams.get(name);
    return elsewhere ? [reachRemote(name, elsewhere)] : [];
  });
}
