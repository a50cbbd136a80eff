import type { ServiceContract } from '@weave-nn/clients';

/** The contract of a service for a test, which declares nothing but what is given. */
export function contractOf(name: string, declared: Partial<ServiceContract> = {}): ServiceContract {
  const nothing = { routes: [], internalRoutes: {}, queues: [], publishes: [], tools: [], jobs: {}, schedules: [] };
  return { name, port: 0, ...nothing, ...declared };
}
