import { SettingError } from '@weave-nn/config';
import { Command } from 'commander';
import type { AddCommand } from './add-command.ts';
import { addCompletionCommand } from './commands/completion.ts';
import { addDeadLetterCommands } from './commands/dlq.ts';
import { addHistoryCommands } from './commands/history.ts';
import { addJobCommands } from './commands/jobs.ts';
import { addKeyCommands } from './commands/keys.ts';
import { rebuild } from './commands/rebuild.ts';
import { type SearchOptions, search } from './commands/search.ts';
import { type StatusOptions, status } from './commands/status.ts';
import { addTaskCommands } from './commands/tasks.ts';
import { environmentOf, type Options } from './environment.ts';
import { CommandError, exitCodes } from './errors.ts';
import { readCount } from './read-count.ts';
import { version } from './version.ts';

const EXIT_CODES = `
Exit codes: 0 done, also when nothing was found; 2 a wrong option, argument or setting; 1 any other failure.`;

function commandLine(): Command {
  const program = new Command('weave')
    .description('Serves a folder of markdown notes, and talks to what serves it.')
    .version(version)
    .addHelpText('after', EXIT_CODES)
    .exitOverride(endUsage);

  /** A command that needs the services' own code and data. */
  const local: AddCommand = (name, description, parent = program) =>
    parent
      .command(name)
      .description(description)
      .option('--vault <folder>', 'the vault; the example vault when not given')
      .option('--data <folder>', 'where its databases and key are kept')
      .exitOverride(endUsage);
  /** A command that talks to a running system. */
  const connected: AddCommand = (name, description, parent) =>
    local(name, description, parent)
      .option('--url <url>', 'a system that runs elsewhere (WEAVE_URL)')
      .option('--key-file <file>', 'the file that holds the key for it (or WEAVE_API_KEY)')
      .option('--json', 'print JSON');

  local('start', 'serve a vault until stopped')
    .option('--host <address>', 'the address to listen on (127.0.0.1)')
    .option('--port <number>', 'the port to listen on (8000)')
    .action(async (options: Options) => {
      const { start } = await import('./commands/start.ts');
      await start(environmentOf(options));
    });
  local('migrate', 'bring the tables of every service up to date, and end').action(async (options: Options) => {
    const { migrate } = await import('./commands/migrate.ts');
    await migrate(environmentOf(options));
  });
  local('doctor', 'check the machine, the vault and that all that is stored agrees')
    .option('--json', 'print JSON')
    .action(async (options: Options) => {
      const { doctor } = await import('./commands/doctor.ts');
      end(await doctor(environmentOf(options), options.json === true));
    });
  connected('status', 'say what runs and how it is')
    .option('--watch', 'say it again and again until interrupted')
    .option('--interval <seconds>', 'how often', readCount, 2)
    .action(async (options: Options & StatusOptions) => end(await status(environmentOf(options), options)));
  connected('search', 'search the notes')
    .argument('<words...>', 'words, "phrases", begin*, -without, OR, ( ), tag:a/b, path:Projects, file:Note')
    .option('--folder <path>', 'only in this folder')
    .option('--tag <tag>', 'only notes with this tag')
    .option('--limit <number>', 'how many to show')
    .action(async (words: string[], options: Options & SearchOptions) =>
      end(await search(environmentOf(options), words, options)),
    );
  connected('rebuild', 'empty the index and fill it again from the files').action(async (options: Options) =>
    end(await rebuild(environmentOf(options), options.json === true)),
  );
  addHistoryCommands(connected, end);
  addKeyCommands(program, connected, end);
  addTaskCommands(program, connected, end);
  addDeadLetterCommands(program, connected, end);
  addJobCommands(program, connected, end);
  addCompletionCommand(program);
  return program;
}

function endUsage({ exitCode }: { exitCode: number }): never {
  process.exit(exitCode === 0 ? exitCodes.ok : exitCodes.usage);
}

function end(exitCode: number): void {
  process.exitCode = exitCode;
}

/** Whoever reads what is printed may have seen enough, as `head` has: that is no failure. */
function endWithReader(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') throw error;
  process.exit(process.exitCode ?? exitCodes.ok);
}

async function endWith(error: unknown): Promise<void> {
  if (!(error instanceof CommandError || error instanceof SettingError)) {
    const { exitWith } = await import('@weave-nn/service');
    return exitWith(error);
  }
  process.stderr.write(`weave: ${error.message}\n`);
  process.exitCode = error instanceof CommandError ? error.exitCode : exitCodes.usage;
}

/** Runs the command that the arguments name. Every failure ends in one line and an exit code that tells its kind. */
export async function runCommand(args: readonly string[]): Promise<void> {
  // What serves goes on without a reader.
  if (args[0] !== 'start') process.stdout.on('error', endWithReader);
  try {
    await commandLine().parseAsync(args, { from: 'user' });
  } catch (error) {
    await endWith(error);
  }
}
