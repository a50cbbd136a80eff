import type { FastifyInstance } from 'fastify';
import type { Metrics } from './metrics.ts';

/** What a dependency says that is there but not as it should be; what needs it goes on. */
export interface Degraded {
  degraded: string;
}

/**
 * Something a service needs; its check throws or rejects, saying what is the matter, while it is away, and may answer
 * `Degraded`. Whatever else it answers means that all is well.
 */
export type Dependencies = Readonly<Record<string, () => unknown>>;

function isDegraded(found: unknown): found is Degraded {
  return typeof found === 'object' && found !== null && 'degraded' in found;
}

export interface Readiness {
  status: 'ready' | 'not-ready';
  version: string;
  dependencies: Record<string, { status: 'ok' | 'degraded' | 'unavailable'; detail?: string }>;
}

const CHECK_TIMEOUT = 2_000;

async function checkInTime(check: () => unknown): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_TIMEOUT} ms`)), CHECK_TIMEOUT);
  });
  try {
    return await Promise.race([Promise.resolve().then(check), late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Asks each dependency once. */
export async function readiness(dependencies: Dependencies, version: string): Promise<Readiness> {
  const answers = await Promise.all(
    Object.entries(dependencies).map(async ([name, check]) => {
      try {
        const found = await checkInTime(check);
        if (isDegraded(found)) return [name, { status: 'degraded', detail: found.degraded }] as const;
        return [name, { status: 'ok' }] as const;
      } catch (error) {
        return [name, { status: 'unavailable', detail: (error as Error).message }] as const;
      }
    }),
  );
  const ready = answers.every(([, { status }]) => status !== 'unavailable');
  return { status: ready ? 'ready' : 'not-ready', version, dependencies: Object.fromEntries(answers) };
}

/** The routes that need no key: alive, able to serve, measured. */
export function addHealthRoutes(
  app: FastifyInstance,
  options: { dependencies: () => Dependencies; metrics: Metrics; version: string },
) {
  const { dependencies, metrics, version } = options;
  app.get('/health', { schema: { hide: true } }, async () => ({ status: 'ok' }));
  app.get('/ready', { schema: { hide: true } }, async (_request, reply) => {
    const answer = await readiness(dependencies(), version);
    return reply.code(answer.status === 'ready' ? 200 : 503).send(answer);
  });
  app.get('/metrics', { schema: { hide: true } }, async (_request, reply) => {
    return reply.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
}
