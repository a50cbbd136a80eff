import { type Environment, SettingError, withEnvFile } from '@weave-nn/config';
import type { ServiceDefinition } from '../definition.ts';
import { StartError } from '../errors.ts';
import { describeMigrated, migrateServices } from './migrate.ts';
import { createProcess, type WeaveProcess } from './process.ts';

const MAX_STOP_MS = 9_000;

/** Stops a process when the system asks for it; asked again while it stops, it goes on stopping. */
export function stopOnSignals(running: Pick<WeaveProcess, 'stop'>): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      const late = setTimeout(() => {
        process.stderr.write(
          `weave-nn: not stopped within ${MAX_STOP_MS} ms; unfinished work resumes at the next start\n`,
        );
        process.exit(0);
      }, MAX_STOP_MS);
      late.unref();
      running.stop().then(
        () => process.exit(0),
        (error: unknown) => {
          process.stderr.write(`weave-nn: stopping failed: ${(error as Error).message}\n`);
          process.exit(1);
        },
      );
    });
  }
}

/** Whether it was started with something that cannot be, rather than where something else is in the way. */
function isInputError(error: unknown): boolean {
  return error instanceof SettingError || (error instanceof StartError && error.code === 'argument-unknown');
}

/** Ends the process with one line when the error is one that the user can mend, with all there is to know otherwise. */
export function exitWith(error: unknown): never {
  const isMendable = error instanceof SettingError || error instanceof StartError;
  const text = isMendable ? error.message : ((error as Error).stack ?? String(error));
  process.stderr.write(`weave-nn: ${text}\n`);
  process.exit(isInputError(error) ? 2 : 1);
}

/**
 * Runs one service as a process of its own. With the argument `migrate` it only brings the service's tables up to date,
 * and ends.
 */
export async function runService(definition: ServiceDefinition, version: string): Promise<void> {
  const environment: Environment = withEnvFile(process.cwd(), process.env);
  const [command, ...others] = process.argv.slice(2);
  try {
    if (command === 'migrate' && others.length === 0) {
      process.stdout.write(describeMigrated(await migrateServices([definition], environment)));
      return;
    }
    if (command !== undefined) {
      throw new StartError('argument-unknown', `no argument, or migrate alone, was expected; found ${command}`);
    }
    const running = await createProcess({ definitions: [definition], environment, version });
    stopOnSignals(running);
    await running.start();
  } catch (error) {
    exitWith(error);
  }
}
