import type { Runtime, Timer } from '@weave-nn/config';
import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleAll,
} from 'cockatiel';
import { Pool } from 'undici';

const MAX_CONNECTIONS = 128;
const CONNECT_TIMEOUT = 2_000;
const KEEP_ALIVE = 4_000;
const PROBE_INTERVAL_MS = 500;
const PROBE_TIMEOUT = 2_000;
/** After so many failures in a row, calls fail at once for a time. */
const BREAK_AFTER = 8;
const HALF_OPEN_AFTER = 1_000;

/** One running copy of a service. */
export interface Instance {
  readonly url: string;
  readonly pool: Pool;
  /** Whether it said that it is ready when it was last asked, and has not failed to answer since. */
  healthy: boolean;
}

/** The copies of one service behind its URLs. */
export interface Upstreams {
  readonly service: string;
  readonly instances: readonly Instance[];
  /** The copy whose turn it is: a healthy one where there is any, none of `except` where there is another. */
  pick(except?: ReadonlySet<Instance>): Instance;
  /** Says that a copy did not answer: it gets nothing more until it says that it is ready. */
  failed(instance: Instance): void;
  /**
   * Runs a call, unless the last ones have all failed: then it fails at once until one is tried again.
   *
   * @throws BrokenCircuitError of cockatiel
   */
  guarded<Result>(call: () => Promise<Result>): Promise<Result>;
  /** Lets go of every connection. */
  close(): Promise<void>;
}

/** Whether a call was not made, since the last ones have all failed. */
export function isBroken(error: unknown): boolean {
  return error instanceof BrokenCircuitError;
}

function createBreaker(): CircuitBreakerPolicy {
  return circuitBreaker(handleAll, {
    halfOpenAfter: HALF_OPEN_AFTER,
    breaker: new ConsecutiveBreaker(BREAK_AFTER),
  });
}

/**
 * Keeps connections to the copies of a service, and asks each twice a second whether it is ready; one that
 * is makes calls go through again.
 *
 * @param urls of each copy, as in `http://127.0.0.1:8001`
 */
export function openUpstreams(service: string, urls: readonly string[], runtime: Runtime): Upstreams {
  const instances: Instance[] = urls.map((url) => ({
    url,
    pool: new Pool(url, {
      connections: MAX_CONNECTIONS,
      connectTimeout: CONNECT_TIMEOUT,
      keepAliveTimeout: KEEP_ALIVE,
      pipelining: 1,
    }),
    healthy: true,
  }));
  let breaker = createBreaker();
  let turn = 0;
  let timer: Timer | undefined;
  let closed = false;

  async function probe(instance: Instance) {
    try {
      const { statusCode, body } = await instance.pool.request({
        path: '/ready',
        method: 'GET',
        headersTimeout: PROBE_TIMEOUT,
        bodyTimeout: PROBE_TIMEOUT,
      });
      await body.dump();
      instance.healthy = statusCode === 200;
      if (instance.healthy && breaker.state !== CircuitState.Closed) breaker = createBreaker();
    } catch {
      instance.healthy = false;
    }
  }

  function probeLater() {
    timer = runtime.after(PROBE_INTERVAL_MS, () => {
      void Promise.all(instances.map(probe)).then(() => {
        if (!closed) probeLater();
      });
    });
  }
  probeLater();

  return {
    service,
    instances,
    pick(except) {
      const count = instances.length;
      turn = (turn + 1) % count;
      let second: Instance | undefined;
      for (let step = 0; step < count; step++) {
        const instance = instances[(turn + step) % count] as Instance;
        if (except?.has(instance)) continue;
        if (instance.healthy) return instance;
        second ??= instance;
      }
      return second ?? (instances[turn] as Instance);
    },
    failed(instance) {
      instance.healthy = false;
    },
    guarded: (call) => breaker.execute(call),
    async close() {
      closed = true;
      timer?.cancel();
      await Promise.all(instances.map(({ pool }) => pool.destroy()));
    },
  };
}
