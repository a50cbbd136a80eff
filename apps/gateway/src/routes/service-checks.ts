import type { Runtime } from '@weave-nn/config';
import type { Dependencies, Readiness } from '@weave-nn/service';
import type { Reachable } from './reach.ts';

/** Milliseconds that a service has to say whether it is ready. */
const ANSWER_WITHIN = 1_000;

async function inTime<Value>(answer: Promise<Value>, runtime: Pick<Runtime, 'after'>): Promise<Value> {
  const late = Promise.withResolvers<never>();
  const timer = runtime.after(ANSWER_WITHIN, () => {
    late.reject(new Error(`does not answer within ${ANSWER_WITHIN} ms`));
  });
  try {
    return await Promise.race([answer, late.promise]);
  } finally {
    timer.cancel();
  }
}

/** Names what a service lacks, without the addresses that errors of connections have in them. */
function describeError({ code, message }: Error & { code?: string }): string {
  return code === undefined ? message : `does not answer (${code})`;
}

function describeLack({ dependencies }: Readiness): string {
  const lacks = Object.entries(dependencies).filter(([, { status }]) => status === 'unavailable');
  return `is not ready: ${lacks.map(([name, { detail = 'unavailable' }]) => `${name}: ${detail}`).join('; ')}`;
}

/** Says why a service is not ready; undefined when it is. */
async function findLack(service: Reachable, runtime: Pick<Runtime, 'after'>): Promise<string | undefined> {
  try {
    const readiness = await inTime(service.readiness(), runtime);
    return readiness.status === 'ready' ? undefined : describeLack(readiness);
  } catch (error) {
    return describeError(error as Error);
  }
}

/**
 * Makes what `/ready` of the gateway names for each service: unavailable for one that is not ready where the gateway
 * cannot do without it or it runs in the same process, degraded for any other, whose routes alone are refused.
 *
 * @param needed the names of the services that the gateway cannot do without
 */
export function createServiceChecks(
  services: readonly Reachable[],
  needed: readonly string[],
  runtime: Pick<Runtime, 'after'>,
): Dependencies {
  return Object.fromEntries(
    services.map((service) => [
      service.name,
      async () => {
        const lack = await findLack(service, runtime);
        if (lack === undefined) return undefined;
        if (service.mode === 'mounted' || needed.includes(service.name)) throw new Error(lack);
        return { degraded: lack };
      },
    ]),
  );
}
