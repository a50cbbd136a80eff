import { hash } from 'node:crypto';
import type { Runtime } from '@weave-nn/config';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ProblemError } from '../errors.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/** What a dependency says that can be used, but is not as it should be or not up to date. */
export type Remark = { degraded: string } | { comparing: string };

/**
 * Something a service needs; its check throws or rejects, saying what is the matter, while it is away, and may answer
 * a `Remark`. Whatever else it answers means that all is well.
 */
export type Dependencies = Readonly<Record<string, () => unknown>>;

type DependencyStatus = { status: 'ok' | 'degraded' | 'comparing' | 'unavailable'; detail?: string };

function statusOf(found: unknown): DependencyStatus {
  if (typeof found !== 'object' || found === null) return { status: 'ok' };
  const { degraded, comparing } = found as { degraded?: string; comparing?: string };
  if (degraded !== undefined) return { status: 'degraded', detail: degraded };
  return comparing === undefined ? { status: 'ok' } : { status: 'comparing', detail: comparing };
}

export interface Readiness {
  status: 'ready' | 'not-ready';
  version: string;
  dependencies: Record<string, DependencyStatus>;
}

const CHECK_TIMEOUT = 2_000;
const ASK_INTERVAL_MS = 1_000;

async function checkInTime(answer: Promise<unknown>): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_TIMEOUT} ms`)), CHECK_TIMEOUT);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Makes what asks a dependency, of those who come within a second of each other only the first. */
function askSeldom(check: () => unknown, runtime: Runtime): () => unknown {
  let kept: { answer: Promise<unknown>; at: number } | undefined;
  return () => {
    if (kept && runtime.monotonic() - kept.at < ASK_INTERVAL_MS) return kept.answer;
    const answer = check();
    // What need not be waited for costs nothing, and may be what changes at once, such as the process's own state.
    if (!(answer instanceof Promise)) return answer;
    const asked = { answer: checkInTime(answer), at: runtime.monotonic() };
    kept = asked;
    // What is away is asked for again each time, so that it is seen at once when it is back.
    asked.answer.catch(() => {
      if (kept === asked) kept = undefined;
    });
    return asked.answer;
  };
}

/**
 * Makes what says whether a service is ready. Everybody who calls it asks twice a second, and to ask a database and a
 * broker for each of them took more than all else that an idle service does.
 */
export function createReadiness(dependencies: Dependencies, version: string, runtime: Runtime) {
  const checks = Object.entries(dependencies).map(([name, check]) => [name, askSeldom(check, runtime)] as const);
  return async (): Promise<Readiness> => {
    const answers = await Promise.all(
      checks.map(async ([name, ask]) => {
        try {
          return [name, statusOf(await ask())] as const;
        } catch (error) {
          return [name, { status: 'unavailable' as const, detail: (error as Error).message }] as const;
        }
      }),
    );
    const ready = answers.every(([, { status }]) => status !== 'unavailable');
    return { status: ready ? 'ready' : 'not-ready', version, dependencies: Object.fromEntries(answers) };
  };
}

export interface HealthOptions {
  dependencies: Dependencies;
  metrics: Metrics;
  /** What `/metrics` is read with, as `METRICS_API_KEY` says; by everybody when undefined. */
  metricsKey: string | undefined;
  version: string;
  runtime: Runtime;
}

const digestOf = (text: string) => hash('sha256', text);

/**
 * Makes what refuses a request for the metrics without their key. How long the comparison takes tells of digests only.
 *
 * @throws ProblemError 401 `metrics-key-wrong`
 */
function createMetricsCheck(key: string | undefined): (request: FastifyRequest) => void {
  const expected = key === undefined ? undefined : digestOf(key);
  return ({ headers }) => {
    const given = /^bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1];
    if (expected === undefined || (given !== undefined && digestOf(given) === expected)) return;
    throw new ProblemError(
      401,
      'metrics-key-wrong',
      'Send the key of METRICS_API_KEY as `Authorization: Bearer <key>`.',
      { 'www-authenticate': 'Bearer realm="weave-nn metrics"' },
    );
  };
}

/** The routes of every service that need no key of a user: alive, able to serve, measured. */
export function addHealthRoutes(app: FastifyInstance, options: HealthOptions) {
  const { metrics } = options;
  const checkMetricsKey = createMetricsCheck(options.metricsKey);
  const readiness = createReadiness(options.dependencies, options.version, options.runtime);
  app.get('/health', { schema: { hide: true } }, async () => ({ status: 'ok' }));
  app.get('/ready', { schema: { hide: true } }, async (_request, reply) => {
    const answer = await readiness();
    return reply.code(answer.status === 'ready' ? 200 : 503).send(answer);
  });
  app.get('/metrics', { schema: { hide: true } }, async (request, reply) => {
    checkMetricsKey(request);
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
}
