import { type ServiceContract, serviceNeedOf } from '@weave-nn/clients';
import { StartError } from './errors.ts';
import type { App } from './http/fastify-app.ts';

/** The routes of every service, beside those of its contract; they need no token. */
export const COMMON_ROUTES: ReadonlySet<string> = new Set(['/health', '/ready', '/metrics', '/openapi.json']);

/**
 * Refuses routes that are added from now on and that the contract does not declare: the gateway would not pass
 * requests on to them, and nobody would be told what they need.
 *
 * The route's registration throws StartError `route-undeclared`.
 */
export function refuseUndeclaredRoutes(app: App, contract: ServiceContract): void {
  app.addHook('onRoute', ({ method, url }) => {
    if (COMMON_ROUTES.has(url)) return;
    const undeclared = [method].flat().find((each) => serviceNeedOf(contract, each, url) === undefined);
    if (undeclared === undefined) return;
    throw new StartError(
      'route-undeclared',
      `the service ${contract.name} serves ${undeclared} ${url}, which its contract does not declare`,
    );
  });
}

/** What a service implements, by name. */
export interface Implemented {
  queues: readonly string[];
  tools: readonly string[];
  jobs: readonly string[];
  schedules: readonly string[];
}

const verbs = { queue: 'consumes', tool: 'offers', job: 'runs', schedule: 'has' } as const;
type Kind = keyof typeof verbs;

/**
 * Compares what a service implements with its contract, both ways.
 *
 * @throws StartError `queue-undeclared`, `tool-undeclared`, `job-undeclared`, `schedule-undeclared` for what the
 *   contract does not declare; the same with `-unimplemented` for what only the contract has
 */
export function refuseDifferences(implemented: Implemented, contract: ServiceContract): void {
  const compared: readonly [Kind, readonly string[], readonly string[]][] = [
    ['queue', implemented.queues, contract.queues.map(({ name }) => name)],
    ['tool', implemented.tools, contract.tools.map(({ name }) => name)],
    ['job', implemented.jobs, Object.keys(contract.jobs)],
    ['schedule', implemented.schedules, contract.schedules],
  ];
  for (const [kind, present, declared] of compared) {
    const undeclared = present.find((name) => !declared.includes(name));
    if (undeclared !== undefined) {
      throw new StartError(
        `${kind}-undeclared`,
        `the service ${contract.name} ${verbs[kind]} the ${kind} ${undeclared}, which its contract does not declare`,
      );
    }
    // The gateway's queues and those that a service subscribes to by itself have no definition.
    const missing = kind === 'queue' ? undefined : declared.find((name) => !present.includes(name));
    if (missing !== undefined) {
      throw new StartError(
        `${kind}-unimplemented`,
        `the contract of ${contract.name} declares the ${kind} ${missing}, which the service does not have`,
      );
    }
  }
}
