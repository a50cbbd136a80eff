import { describeMigrated, exitWith, migrateServices } from '@weave-nn/service';
import { Command } from 'commander';
import { addDeadLetterCommands } from './commands/dlq.ts';
import { doctor } from './commands/doctor.ts';
import { addHistoryCommands } from './commands/history.ts';
import { addKeyCommands } from './commands/keys.ts';
import { rebuild } from './commands/rebuild.ts';
import { type SearchOptions, search } from './commands/search.ts';
import { start } from './commands/start.ts';
import { status } from './commands/status.ts';
import { addTaskCommands } from './commands/tasks.ts';
import { environmentOf, type Options } from './environment.ts';
import { CommandError, exitCodes } from './errors.ts';
import { services } from './services.ts';
import { version } from './version.ts';

function commandLine(): Command {
  const program = new Command('weave')
    .description('Serves a folder of markdown notes, and talks to what serves it.')
    .version(version)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage));

  const command = (name: string, description: string, parent = program) =>
    parent
      .command(name)
      .description(description)
      .option('--vault <folder>', 'the vault; the example vault when not given')
      .option('--data <folder>', 'where its databases and key are kept')
      .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.ok : exitCodes.usage));

  command('start', 'serve a vault until stopped')
    .option('--host <address>', 'the address to listen on (127.0.0.1)')
    .option('--port <number>', 'the port to listen on (8000)')
    .action((options: Options) => start(environmentOf(options)));
  command('migrate', 'bring the tables of every service up to date, and end').action(async (options: Options) => {
    process.stdout.write(describeMigrated(await migrateServices(services, environmentOf(options))));
  });
  command('status', 'say what runs and how it is')
    .option('--json', 'print JSON')
    .action(async (options: Options) => end(await status(environmentOf(options), options.json === true)));
  command('search', 'search the notes')
    .argument('<words...>', 'words, "phrases", begin*, -without, tag:a/b, path:Projects')
    .option('--folder <path>', 'only in this folder')
    .option('--tag <tag>', 'only notes with this tag')
    .option('--limit <number>', 'how many to show')
    .option('--json', 'print JSON')
    .action(async (words: string[], options: Options & SearchOptions) =>
      end(await search(environmentOf(options), words, options)),
    );
  command('doctor', 'check the machine, the vault and that all that is stored agrees')
    .option('--json', 'print JSON')
    .action(async (options: Options) => end(await doctor(environmentOf(options), options.json === true)));
  command('rebuild', 'empty the index and fill it again from the files')
    .option('--json', 'print JSON')
    .action(async (options: Options) => end(await rebuild(environmentOf(options), options.json === true)));
  addHistoryCommands(command, end);
  addKeyCommands(program, command, end);
  addTaskCommands(program, command, end);
  addDeadLetterCommands(program, command, end);
  return program;
}

function end(exitCode: number): void {
  process.exitCode = exitCode;
}

/** Runs the command that the arguments name. Every failure ends in one line and an exit code that tells its kind. */
export async function runCommand(args: readonly string[]): Promise<void> {
  try {
    await commandLine().parseAsync(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommandError)) exitWith(error);
    process.stderr.write(`weave: ${error.message}\n`);
    process.exitCode = error.exitCode;
  }
}
