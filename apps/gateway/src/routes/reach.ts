import type { Upstreams } from '@weave-nn/clients';
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

/** Every service of the system but the gateway itself. */
export function reachables(
  mounted: ReadonlyMap<string, MountedApp>,
  upstreams: ReadonlyMap<string, Upstreams>,
): Reachable[] {
  const here = [...mounted.values()].filter(({ name }) => name !== 'gateway');
  const elsewhere = [...upstreams.values()].filter(({ service }) => !mounted.has(service));
  return [
    ...here.map(
      ({ name, app }): Reachable => ({
        name,
        mode: 'mounted',
        async get(path) {
          const answer = await app.inject(path);
          return { status: answer.statusCode, json: answer.json() };
        },
      }),
    ),
    ...elsewhere.map(
      (remote): Reachable => ({
        name: remote.service,
        mode: 'remote',
        async get(path) {
          const { pool } = remote.pick();
          const answer = await pool.request({ path, method: 'GET', headersTimeout: TIMEOUT, bodyTimeout: TIMEOUT });
          return { status: answer.statusCode, json: await answer.body.json() };
        },
      }),
    ),
  ];
}
