import {
  type CreateTaskRequest,
  type Task,
  type TaskPage,
  taskCompletions,
  taskSorts,
  taskStatuses,
} from '@weave-nn/clients';
import { systemRuntime } from '@weave-nn/config';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { AddCommand } from '../add-command.ts';
import { type Connection, requireRunning } from '../connection.ts';
import { environmentOf, type Options } from '../environment.ts';
import { CommandError, exitCodes } from '../errors.ts';
import { print } from '../output.ts';
import { readCount } from '../read-count.ts';

const PAGE = 1000;
const DAY = 24 * 3_600_000;
const OPEN = 'todo,in_progress';
const priorities = ['highest', 'high', 'medium', 'low', 'lowest'] as const;

interface ListOptions extends Options {
  status?: string;
  tag?: string;
  project?: string;
  path?: string;
  assignee?: string;
  dueBefore?: string;
  sort?: string;
  all?: boolean;
  limit?: number;
}

interface AddOptions extends Options {
  note?: string;
  heading?: string;
  due?: string;
  priority?: (typeof priorities)[number];
  tag?: string[];
  project?: string;
  repeat?: string;
  onCompletion?: (typeof taskCompletions)[number];
  assignee?: string;
}

/** Options by the fields that they become. */
const names = {
  title: '<title>',
  dueDate: '--due',
  dueBefore: '--due-before',
  priority: '--priority',
  tags: '--tag',
  tag: '--tag',
  projectId: '--project',
  recurrence: '--repeat',
  onCompletion: '--on-completion',
  assignee: '--assignee',
  'source.path': '--note',
  'source.heading': '--heading',
  path: '--path',
  status: '--status',
  sort: '--sort',
  limit: '--limit',
};

/** A day from now, where the system's owner is. */
function dayFromNow(days: number, timeZone: string | undefined): string {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return format.format(systemRuntime.now() + days * DAY);
}

const namedDays: Readonly<Record<string, number>> = { yesterday: -1, today: 0, tomorrow: 1 };

function readDay(text: string): string {
  const days = namedDays[text.toLowerCase()];
  if (days !== undefined) return dayFromNow(days, process.env.TASK_TIME_ZONE);
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return text;
  throw new InvalidArgumentError(`expected YYYY-MM-DD, today or tomorrow, found "${text}"`);
}

function collect(tag: string, tags: string[] = []): string[] {
  return [...tags, tag];
}

/** Every task that fits, up to a number of them. */
async function findTasks(
  { call }: Connection,
  query: Readonly<Record<string, string | undefined>>,
  limit = Number.POSITIVE_INFINITY,
): Promise<Task[]> {
  const items: Task[] = [];
  let cursor: string | null = '';
  while (cursor !== null && items.length < limit) {
    const parameters = new URLSearchParams({ limit: String(Math.min(PAGE, limit - items.length)) });
    for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, value);
    if (cursor) parameters.set('cursor', cursor);
    const page: TaskPage = await call(`/v1/tasks?${parameters}`, { names });
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  return items;
}

const boxes: Readonly<Record<Task['status'], string>> = { todo: ' ', in_progress: '/', done: 'x', cancelled: '-' };

function describeTask({ id, title, status, dueDate, priority, tags, source }: Task): string {
  const parts = [
    `[${boxes[status]}] ${title.replaceAll(/\p{Cc}+/gu, ' ')}`,
    ...(dueDate === null ? [] : [`due ${dueDate}`]),
    ...(priority === null ? [] : [priority]),
    ...(tags.length === 0 ? [] : [tags.join(' ')]),
    ...(source === null ? [] : [`${source.path}:${source.line}`]),
    id,
  ];
  return parts.join('  ');
}

function show(options: Options, items: readonly Task[], none: string): number {
  print(options.json === true, { items }, () => (items.length === 0 ? [none] : items.map(describeTask)));
  return exitCodes.ok;
}

/** Lists tasks, open ones unless told otherwise. */
async function listTasks(options: ListOptions): Promise<number> {
  const { status, tag, project, path, assignee, dueBefore, sort, all, limit } = options;
  const query = {
    status: status ?? (all ? undefined : OPEN),
    tag,
    projectId: project,
    path,
    assignee,
    dueBefore,
    sort,
  };
  return show(options, await findTasks(requireRunning(environmentOf(options)), query, limit), 'no tasks');
}

/** Lists open tasks that are due today. */
async function listToday(options: Options): Promise<number> {
  const environment = environmentOf(options);
  const day = (from: number) => dayFromNow(from, environment.TASK_TIME_ZONE);
  const query = { status: OPEN, dueAfter: day(-1), dueBefore: day(1) };
  return show(options, await findTasks(requireRunning(environment), query), 'nothing is due today');
}

/** Lists open tasks whose due date is past. */
async function listOverdue(options: Options): Promise<number> {
  const environment = environmentOf(options);
  const query = { status: OPEN, dueBefore: dayFromNow(0, environment.TASK_TIME_ZONE) };
  return show(options, await findTasks(requireRunning(environment), query), 'nothing is overdue');
}

/** Makes a task, in a note when one is named. */
async function addTask(words: readonly string[], options: AddOptions): Promise<number> {
  const { note, heading, due, priority, tag, project, repeat, onCompletion, assignee } = options;
  if (heading !== undefined && note === undefined) {
    throw new CommandError(exitCodes.usage, 'tasks add: --heading names a section of the note that --note names');
  }
  const request: CreateTaskRequest = {
    title: words.join(' '),
    ...(due === undefined ? {} : { dueDate: due }),
    ...(priority === undefined ? {} : { priority }),
    ...(tag === undefined ? {} : { tags: tag }),
    ...(project === undefined ? {} : { projectId: project }),
    ...(repeat === undefined ? {} : { recurrence: repeat }),
    ...(onCompletion === undefined ? {} : { onCompletion }),
    ...(assignee === undefined ? {} : { assignee }),
    ...(note === undefined ? {} : { source: { path: note, ...(heading === undefined ? {} : { heading }) } }),
  };
  const task = await requireRunning(environmentOf(options)).call<Task>('/v1/tasks', {
    method: 'POST',
    body: request,
    names,
  });
  print(options.json === true, task, () => [describeTask(task)]);
  return exitCodes.ok;
}

/** The id that was given, or of the one open task whose title has these words. */
async function identify(connection: Connection, given: string): Promise<string> {
  if (/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(given)) return given;
  const words = given.toLowerCase();
  const open = await findTasks(connection, { status: OPEN });
  const found = open.filter(({ id, title }) => id.endsWith(words) || title.toLowerCase().includes(words));
  const [only, ...others] = found;
  if (only && others.length === 0) return only.id;
  if (!only) throw new CommandError(exitCodes.failed, `no open task has "${given}" in its title`);
  const lines = found.slice(0, 10).map((task) => `\n  ${describeTask(task)}`);
  throw new CommandError(
    exitCodes.failed,
    `${found.length} open tasks fit "${given}"; give the id of one:${lines.join('')}`,
  );
}

/** Marks tasks done. */
async function completeTasks(given: readonly string[], options: Options): Promise<number> {
  const connection = requireRunning(environmentOf(options));
  const done: Task[] = [];
  for (const each of given) {
    const id = await identify(connection, each);
    done.push(await connection.call<Task>(`/v1/tasks/${encodeURIComponent(id)}/complete`, { method: 'POST' }));
  }
  print(options.json === true, { items: done }, () => done.map(describeTask));
  return exitCodes.ok;
}

/**
 * Adds `weave tasks list|today|overdue|add|done`.
 *
 * @param command adds a command with the options that all have
 * @param end takes the exit code
 */
export function addTaskCommands(program: Command, command: AddCommand, end: (exitCode: number) => void): void {
  const tasks = program.command('tasks').description('tasks, those in notes and those in none');
  command('list', 'list them, open ones unless told otherwise', tasks)
    .addOption(new Option('--status <status>', 'only those in this status').choices(taskStatuses))
    .option('--all', 'also those that are done or cancelled')
    .option('--tag <tag>', 'only those with this tag')
    .option('--project <id>', 'only those of this project')
    .option('--path <path>', 'only those in this note or folder')
    .option('--assignee <name>', 'only those of this person or agent')
    .option('--due-before <day>', 'only those due before YYYY-MM-DD, today or tomorrow', readDay)
    .addOption(
      new Option('--sort <name>', 'the order, with a - before it reversed').choices(
        taskSorts.flatMap((name) => [name, `-${name}`]),
      ),
    )
    .option('--limit <number>', 'at most so many', readCount)
    .action(async (options: ListOptions) => end(await listTasks(options)));
  command('today', 'list what is due today', tasks).action(async (options: Options) => end(await listToday(options)));
  command('overdue', 'list what should have been done before today', tasks).action(async (options: Options) =>
    end(await listOverdue(options)),
  );
  command('add', 'make one', tasks)
    .argument('<title...>', 'what is to be done')
    .option('--note <path>', 'the note that gets it as a line; made when it is missing')
    .option('--heading <text>', 'the section of the note')
    .option('--due <day>', 'YYYY-MM-DD, today or tomorrow', readDay)
    .addOption(new Option('--priority <name>', 'how much it matters').choices(priorities))
    .option('--tag <tag>', 'a tag; may be repeated', collect)
    .option('--project <id>', 'the project it belongs to')
    .option('--repeat <rule>', 'when it recurs, as in "every week on Monday"')
    .addOption(new Option('--on-completion <what>', 'what becomes of it when it is done').choices(taskCompletions))
    .option('--assignee <name>', 'who is to do it')
    .action(async (title: string[], options: AddOptions) => end(await addTask(title, options)));
  command('done', 'mark some done; one that recurs gets its next', tasks)
    .argument('<tasks...>', 'the id of each, or words of its title')
    .action(async (given: string[], options: Options) => end(await completeTasks(given, options)));
}
