import {
  ClientError,
  type Clients,
  clientOf,
  type EveryServiceApi,
  type Job,
  type JobPage,
  type ServiceName,
} from '@weave-nn/clients';
import { GatewayError, jobsUnavailable } from '../errors.ts';

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

function encodeCursor(id: string): string {
  return Buffer.from(id).toString('base64url');
}

function decodeCursor(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString();
  if (UUID.test(id)) return id;
  throw new GatewayError('cursor-invalid', 'invalid cursor; send the nextCursor of an earlier response');
}

/** Which jobs are asked for. */
export interface JobsQuery {
  state?: Job['state'];
  kind?: string;
  limit: number;
  cursor?: string;
}

/** The jobs of all services, each of which has its own. */
export function createJobs(clients: Clients, services: readonly ServiceName[]) {
  /** Asks every service at once; those that do not answer are named. */
  async function askAll<Value>(ask: (client: EveryServiceApi) => Promise<Value>) {
    const unavailable: ServiceName[] = [];
    const answers = await Promise.all(
      services.map(async (service) => {
        try {
          return [await ask(clientOf(clients, service))];
        } catch (error) {
          if (!(error instanceof ClientError) || error.status < 500) throw error;
          unavailable.push(service);
          return [];
        }
      }),
    );
    return { answers: answers.flat(), unavailable };
  }

  async function orNone(job: Promise<Job>): Promise<Job | undefined> {
    try {
      return await job;
    } catch (error) {
      if (error instanceof ClientError && error.code === 'job-not-found') return undefined;
      throw error;
    }
  }

  async function locate(id: string): Promise<Job> {
    const { answers, unavailable } = await askAll((client) => orNone(client.jobs.find(id)));
    const job = answers.find((each) => each !== undefined);
    if (job) return job;
    if (unavailable.length > 0) throw jobsUnavailable(unavailable);
    throw new GatewayError('job-not-found', `there is no job ${id}`);
  }

  return {
    /**
     * Finds a job whichever service runs it.
     *
     * @throws GatewayError `job-not-found`, ProblemError 503 when a service that might have it does not answer
     */
    find: locate,

    /** The newest of all services first; ids are in the order of their times. */
    async list({ limit, cursor, ...given }: JobsQuery): Promise<JobPage> {
      const filter = { ...given, ...(cursor === undefined ? {} : { before: decodeCursor(cursor) }) };
      const { answers, unavailable } = await askAll((client) => client.jobs.list({ ...filter, limit: limit + 1 }));
      const found = answers.flat().sort((one, other) => (one.id < other.id ? 1 : -1));
      const items = found.slice(0, limit);
      const last = items.at(-1);
      return { items, nextCursor: last && found.length > limit ? encodeCursor(last.id) : null, unavailable };
    },

    /** Has a job again, at the service that is known to run it. */
    refresh: ({ service, id }: Job): Promise<Job> => clientOf(clients, service as ServiceName).jobs.find(id),

    /** @throws what `find` does, ClientError 409 `job-ended` */
    async cancel(id: string): Promise<Job> {
      const { service } = await locate(id);
      return clientOf(clients, service as ServiceName).jobs.cancel(id);
    },
  };
}

export type GatewayJobs = ReturnType<typeof createJobs>;
