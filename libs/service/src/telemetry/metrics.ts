import type { FastifyInstance } from 'fastify';
import { collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

/** A process's metrics, in Prometheus' text format. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const duration = new Histogram({
    name: 'weave_http_request_duration_seconds',
    help: 'Time from a request to the end of its answer.',
    labelNames: ['service', 'method', 'route', 'status'],
    buckets: [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 5],
    registers: [registry],
  });

  const rounds = new Histogram({
    name: 'weave_worker_round_seconds',
    help: 'Time that a round of background work took.',
    labelNames: ['service', 'worker', 'outcome'],
    buckets: [0.001, 0.01, 0.1, 1, 10],
    registers: [registry],
  });
  const jobs = new Histogram({
    name: 'weave_job_seconds',
    help: 'Time that a process worked on a job, by the state in which it left it.',
    labelNames: ['service', 'kind', 'state'],
    buckets: [0.1, 1, 10, 60, 600],
    registers: [registry],
  });

  return {
    registry,
    /** Measures the background work of a service. */
    observeBackground: (service: string) => ({
      observeRound(worker: string, outcome: string, seconds: number) {
        rounds.observe({ service, worker, outcome }, seconds);
      },
      observeJob(kind: string, state: string, seconds: number) {
        jobs.observe({ service, kind, state }, seconds);
      },
    }),
    /** Measures every request of a service. */
    observe(app: FastifyInstance, service: string) {
      app.addHook('onResponse', (request, reply, done) => {
        const labels = {
          service,
          method: request.method,
          route: request.routeOptions.url ?? 'none',
          status: String(reply.statusCode),
        };
        duration.observe(labels, reply.elapsedTime / 1000);
        done();
      });
    },
    /** Shows a number that is read when somebody looks. */
    gauge(name: string, help: string, read: () => number | Promise<number>) {
      new Gauge({
        name,
        help,
        registers: [registry],
        async collect() {
          this.set(await read());
        },
      });
    },
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
