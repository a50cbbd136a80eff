import { type Static, Type } from '@weave-nn/config';
import { Page, PageQuery } from '../page.ts';

const closed = { additionalProperties: false };

export const jobStates = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
export type JobState = (typeof jobStates)[number];

const TimeOrNull = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);
const State = Type.Unsafe<JobState>({ type: 'string', enum: jobStates });

/** A long run of work that outlives requests and processes. */
export const Job = Type.Object({
  id: Type.String(),
  service: Type.String({ description: 'the service that runs it' }),
  kind: Type.String(),
  state: State,
  input: Type.Unknown(),
  progress: Type.Union([
    Type.Object({
      done: Type.Number(),
      total: Type.Optional(Type.Number({ description: 'absent while it is not known' })),
      message: Type.Optional(Type.String()),
    }),
    Type.Null(),
  ]),
  completedSteps: Type.Array(Type.String()),
  attempt: Type.Integer({ description: 'how many processes have worked on it' }),
  cancelRequested: Type.Boolean(),
  result: Type.Unknown({ description: 'what the last step returned; null until the job has succeeded' }),
  error: Type.Union([
    Type.Object({
      code: Type.String(),
      message: Type.String(),
      uncompensated: Type.Optional(
        Type.Array(Type.Object({ step: Type.String(), message: Type.String() }), {
          description: 'steps whose effect could not be undone',
        }),
      ),
    }),
    Type.Null(),
  ]),
  requestedBy: Type.Union([Type.String(), Type.Null()], { description: 'null for a job of a schedule' }),
  createdAt: Type.String({ format: 'date-time' }),
  startedAt: TimeOrNull,
  endedAt: TimeOrNull,
});

/** A job that a request has started, or that was under way already. */
export const JobReference = Type.Object({ id: Type.String() });

const jobFilters = {
  state: Type.Optional(State),
  kind: Type.Optional(Type.String({ maxLength: 100 })),
};
export const ListJobsQuery = Type.Object({ ...jobFilters, ...PageQuery }, closed);
export const JobPage = Type.Object({
  ...Page(Job).properties,
  unavailable: Type.Array(Type.String(), { description: 'the services that do not answer; their jobs are missing' }),
});

/** The jobs of one service. */
export const ServiceJobsQuery = Type.Object(
  {
    ...jobFilters,
    limit: Type.Integer({ minimum: 1, maximum: 1000 }),
    before: Type.Optional(Type.String({ maxLength: 100, description: 'only those added before the job with this id' })),
  },
  closed,
);
export const ServiceJobs = Type.Object({ items: Type.Array(Job) });

/** A schedule that starts jobs. */
export const Schedule = Type.Object({
  name: Type.String(),
  service: Type.String(),
  nextAt: TimeOrNull,
  lastJobId: Type.Union([Type.String(), Type.Null()]),
});
export const ServiceSchedules = Type.Object({ items: Type.Array(Schedule) });

/** An MCP tool as its service lists it. */
export const Tool = Type.Object({
  name: Type.String(),
  title: Type.String(),
  description: Type.String(),
  inputSchema: Type.Unknown({ description: 'JSON Schema' }),
  outputSchema: Type.Unknown({ description: 'JSON Schema' }),
  annotations: Type.Object({
    readOnlyHint: Type.Boolean(),
    destructiveHint: Type.Boolean(),
    idempotentHint: Type.Boolean(),
    openWorldHint: Type.Boolean(),
  }),
});
export const ServiceTools = Type.Object({ items: Type.Array(Tool) });

export type Job = Static<typeof Job>;
export type JobReference = Static<typeof JobReference>;
export type JobPage = Static<typeof JobPage>;
export type Schedule = Static<typeof Schedule>;
export type Tool = Static<typeof Tool>;
export type ServiceJobsQuery = Static<typeof ServiceJobsQuery>;
