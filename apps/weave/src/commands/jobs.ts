import { type Job, type JobPage, type JobState, jobStates } from '@weave-nn/clients';
import { type Command, Option } from 'commander';
import type { AddCommand } from '../add-command.ts';
import { awaitJob, jobPath } from '../await-job.ts';
import { requireRunning } from '../connection.ts';
import { environmentOf, type Options } from '../environment.ts';
import { exitCodes } from '../errors.ts';
import { print } from '../output.ts';
import { readCount } from '../read-count.ts';

const DEFAULT_LIMIT = 20;
const PAGE = 1000;
const names = { state: '--state', kind: '--kind', limit: '--limit' };

interface ListOptions extends Options {
  state?: JobState;
  kind?: string;
  limit: number;
}

function describeProgress({ progress }: Job): string {
  if (!progress) return '';
  const total = progress.total === undefined ? '' : `/${progress.total}`;
  return `  ${progress.done}${total}${progress.message ? ` ${progress.message}` : ''}`;
}

function describeJob(job: Job): string[] {
  const { id, state, createdAt, service, kind, error } = job;
  return [
    `${id}  ${state.padEnd(9)}  ${createdAt}  ${service}: ${kind}${describeProgress(job)}`,
    ...(error ? [`    ${error.code}: ${error.message}`] : []),
    ...(error?.uncompensated ?? []).map(({ step, message }) => `    ${step} could not be undone: ${message}`),
  ];
}

/** Lists jobs, the newest first. */
async function listJobs(options: ListOptions): Promise<number> {
  const { call } = requireRunning(environmentOf(options));
  const items: Job[] = [];
  const unavailable = new Set<string>();
  let cursor: string | null = '';
  while (cursor !== null && items.length < options.limit) {
    const query = new URLSearchParams({ limit: String(Math.min(PAGE, options.limit - items.length)) });
    if (cursor) query.set('cursor', cursor);
    if (options.state !== undefined) query.set('state', options.state);
    if (options.kind !== undefined) query.set('kind', options.kind);
    const page: JobPage = await call(`/v1/jobs?${query}`, { names });
    items.push(...page.items);
    for (const service of page.unavailable) unavailable.add(service);
    cursor = page.nextCursor;
  }
  print(options.json === true, { items, unavailable: [...unavailable] }, () => [
    ...(items.length === 0 ? ['no jobs'] : items.flatMap(describeJob)),
    ...[...unavailable].map((service) => `${service} does not answer; its jobs are missing`),
  ]);
  return exitCodes.ok;
}

/** Shows a job, at once or when it has ended. */
async function showJob(id: string, options: Options & { wait?: boolean }): Promise<number> {
  const connection = requireRunning(environmentOf(options));
  const job = options.wait ? await awaitJob(connection, id) : await connection.call<Job>(jobPath(id));
  print(options.json === true, job, () => [
    ...describeJob(job),
    ...job.completedSteps.map((step) => `    completed: ${step}`),
    ...(job.result === null ? [] : [`    result: ${JSON.stringify(job.result)}`]),
  ]);
  return options.wait && job.state !== 'succeeded' ? exitCodes.failed : exitCodes.ok;
}

/** Requests that a job is cancelled. */
async function cancelJob(id: string, options: Options): Promise<number> {
  const job = await requireRunning(environmentOf(options)).call<Job>(`${jobPath(id)}/cancel`, { method: 'POST' });
  print(options.json === true, job, () => [`cancellation of ${id} is requested; see weave jobs show ${id}`]);
  return exitCodes.ok;
}

/**
 * Adds `weave jobs list|show|cancel`.
 *
 * @param command adds a command with the options that all have
 * @param end takes the exit code
 */
export function addJobCommands(program: Command, command: AddCommand, end: (exitCode: number) => void): void {
  const jobs = program.command('jobs').description('long runs of work, such as rebuilding the index');
  command('list', 'list them, the newest first', jobs)
    .addOption(new Option('--state <state>', 'only those in this state').choices(jobStates))
    .option('--kind <kind>', 'only those of this kind, as in index-rebuild')
    .option('--limit <number>', 'how many to show', readCount, DEFAULT_LIMIT)
    .action(async (options: ListOptions) => end(await listJobs(options)));
  command('show', 'show one and how far it is', jobs)
    .argument('<id>', 'its id, as in the list')
    .option('--wait', 'show it when it has ended; exit with 1 unless it succeeded')
    .action(async (id: string, options: Options & { wait?: boolean }) => end(await showJob(id, options)));
  command('cancel', 'request that one is cancelled: it undoes what it has done', jobs)
    .argument('<id>', 'its id, as in the list')
    .action(async (id: string, options: Options) => end(await cancelJob(id, options)));
}
