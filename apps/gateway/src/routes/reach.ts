import { serviceNames, type Upstreams } from '@weave-nn/clients';
import type { MountedApp } from '@weave-nn/service';

const TIMEOUT = 2_000;

/** A service that the gateway can ask something, wherever it runs. */
export interface Reachable {
  name: string;
  mode: 'mounted' | 'remote';
  /**
   * Asks for one of the paths that need no token.
   *
   * @throws what the connection says when it does not answer
   */
  get(path: string): Promise<{ status: number; json: unknown }>;
}

function reachMounted({ name, app }: MountedApp): Reachable {
  return {
    name,
    mode: 'mounted',
    async get(path) {
      const answer = await app.inject(path);
      return { status: answer.statusCode, json: answer.json() };
    },
  };
}

function reachRemote(remote: Upstreams): Reachable {
  return {
    name: remote.service,
    mode: 'remote',
    async get(path) {
      const { pool } = remote.pick();
      const answer = await pool.request({ path, method: 'GET', headersTimeout: TIMEOUT, bodyTimeout: TIMEOUT });
      return { status: answer.statusCode, json: await answer.body.json() };
    },
  };
}

/** Every service of the system but the gateway itself, in the same order wherever they run. */
export function reachables(
  mounted: ReadonlyMap<string, MountedApp>,
  upstreams: ReadonlyMap<string, Upstreams>,
): Reachable[] {
  return serviceNames.flatMap((name) => {
    const here = mounted.get(name);
    if (here) return [reachMounted(here)];
    const elsewhere = upstreams.get(name);
    return elsewhere ? [reachRemote(elsewhere)] : [];
  });
}
