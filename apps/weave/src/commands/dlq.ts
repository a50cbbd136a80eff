import {
  type DeadLetter,
  type DeadLetterDetails,
  type DeadLetterState,
  deadLetterStates,
  type ReplayRequest,
  type ReplayStarted,
} from '@weave-nn/clients';
import { type Command, Option } from 'commander';
import type { AddCommand } from '../add-command.ts';
import { requireRunning } from '../connection.ts';
import { environmentOf, type Options } from '../environment.ts';
import { CommandError, exitCodes } from '../errors.ts';
import { print } from '../output.ts';
import { readCount } from '../read-count.ts';

const PAGE = 1000;
const MAX_LINE_LENGTH = 160;

interface FilterOptions extends Options {
  queue?: string;
  consumer?: string;
  type?: string;
  limit?: number;
}

const filters = ['queue', 'consumer', 'type'] as const;

const names = { queue: '--queue', consumer: '--consumer', type: '--type', limit: '--limit', state: '--state' };

const pathOf = (id: string) => `/v1/dlq/${encodeURIComponent(id)}`;

/** One line, since whoever wrote it may have written anything. */
function oneLine(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, ' ').slice(0, MAX_LINE_LENGTH);
}

function describeLetter({ id, state, diedAt, type, subject, queue, error, attempts }: DeadLetter): string[] {
  const what = oneLine(`${type || 'no event'}${subject === null ? '' : ` of ${subject}`}`);
  return [
    `${id}  ${state}  ${diedAt}  ${queue}: ${what}`,
    `    after ${attempts} ${attempts === 1 ? 'try' : 'tries'}: ${oneLine(error)}`,
  ];
}

/** Lists dead letters of the running system, the last that died first. */
async function listLetters(options: FilterOptions & { state?: DeadLetterState }): Promise<number> {
  const { call } = requireRunning(environmentOf(options));
  const { limit = Number.POSITIVE_INFINITY } = options;
  const items: DeadLetter[] = [];
  let cursor: string | null = '';
  while (cursor !== null && items.length < limit) {
    const query = new URLSearchParams({ limit: String(Math.min(PAGE, limit - items.length)) });
    if (cursor) query.set('cursor', cursor);
    for (const name of [...filters, 'state'] as const) {
      const value = options[name];
      if (value !== undefined) query.set(name, value);
    }
    const page: { items: DeadLetter[]; nextCursor: string | null } = await call(`/v1/dlq?${query}`, { names });
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  print(options.json === true, { items }, () =>
    items.length === 0 ? ['no dead letters'] : items.flatMap(describeLetter),
  );
  return exitCodes.ok;
}

/** Shows a dead letter with its message and how it died before. */
async function showLetter(id: string, options: Options): Promise<number> {
  const letter = await requireRunning(environmentOf(options)).call<DeadLetterDetails>(pathOf(id));
  print(options.json === true, letter, () => [
    ...describeLetter(letter),
    ...letter.history.map(({ diedAt, error }) => `    before, ${diedAt}: ${oneLine(error)}`),
    letter.body,
  ]);
  return exitCodes.ok;
}

/** Sends one dead letter, or all that fit, to their queues again. */
async function replayLetters(id: string | undefined, options: FilterOptions & { all?: boolean }): Promise<number> {
  const isNarrowed = options.limit !== undefined || filters.some((name) => options[name] !== undefined);
  if ((id === undefined) !== (options.all === true) || (id !== undefined && isNarrowed)) {
    throw new CommandError(exitCodes.usage, 'dlq replay: expected the id of one, or --all with or without filters');
  }
  const { call } = requireRunning(environmentOf(options));
  if (id !== undefined) {
    const letter = await call<DeadLetterDetails>(`${pathOf(id)}/replay`, { method: 'POST' });
    print(options.json === true, letter, () => [`${id} is sent to ${letter.queue} again`]);
    return exitCodes.ok;
  }
  const { queue, consumer, type, limit } = options;
  const request = JSON.parse(JSON.stringify({ queue, consumer, type, limit })) as ReplayRequest;
  const started = await call<ReplayStarted>('/v1/dlq/replay', { method: 'POST', body: request, names });
  print(options.json === true, started, () => [`${started.replaying} are sent to their queues again`]);
  return exitCodes.ok;
}

/** Deletes dead letters: what they tell of is never applied. */
async function discardLetters(ids: readonly string[], options: Options): Promise<number> {
  const { call } = requireRunning(environmentOf(options));
  for (const id of ids) await call(pathOf(id), { method: 'DELETE' });
  print(options.json === true, { discarded: ids }, () => ids.map((id) => `${id} is discarded`));
  return exitCodes.ok;
}

/**
 * Adds `weave dlq list|show|replay|discard`.
 *
 * @param command adds a command with the options that all have
 * @param end takes the exit code
 */
export function addDeadLetterCommands(program: Command, command: AddCommand, end: (exitCode: number) => void): void {
  const dlq = program.command('dlq').description('events that a service could not apply');
  const filtered = (name: string, description: string) =>
    command(name, description, dlq)
      .option('--queue <name>', 'only those that failed on this queue')
      .option('--consumer <name>', 'only those that failed at this consumer')
      .option('--type <type>', 'only those of this type, as in vault.file.created')
      .option('--limit <number>', 'at most so many', readCount);
  filtered('list', 'list them, the last that died first')
    .addOption(new Option('--state <state>', 'only those in this state').choices(deadLetterStates))
    .action(async (options: FilterOptions) => end(await listLetters(options)));
  command('show', 'show one, its message and how it died before', dlq)
    .argument('<id>', 'its id, as in the list')
    .action(async (id: string, options: Options) => end(await showLetter(id, options)));
  filtered('replay', 'send one, or all that fit, to their queues again')
    .argument('[id]', 'its id, as in the list')
    .option('--all', 'all that are dead and fit')
    .action(async (id: string | undefined, options: FilterOptions) => end(await replayLetters(id, options)));
  command('discard', 'delete some: what they tell of is never applied', dlq)
    .argument('<ids...>', 'their ids, as in the list')
    .action(async (ids: string[], options: Options) => end(await discardLetters(ids, options)));
}
