import { type ChildProcess, spawn } from 'node:child_process';
import { DeployError } from './errors.ts';

/** What a deploy does to the world: it runs `docker` and `kubectl` as they are found on the PATH. */
export interface Programs {
  /**
   * Runs a program to its end, with its output shown as it comes.
   *
   * @param input what it gets to read
   * @throws DeployError when it fails
   */
  run(command: string, args: readonly string[], input?: string): Promise<void>;
  /** Runs a program and answers what it printed; undefined when it fails. */
  ask(command: string, args: readonly string[]): Promise<string | undefined>;
  /** Runs one program in several ways until the first ends well, and answers which did; the others are stopped. */
  race(command: string, ways: readonly (readonly string[])[]): Promise<number>;
}

function start(command: string, args: readonly string[], output: 'inherit' | 'pipe'): ChildProcess {
  return spawn(command, args, { stdio: ['pipe', output, output] });
}

function ended(child: ChildProcess, command: string): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.on('close', resolve);
    child.on('error', (error) => reject(new DeployError(`${command} cannot be run: ${error.message}`)));
    // A program that ends before it has read its input says why by its exit code.
    child.stdin?.on('error', () => undefined);
  });
}

/** Runs programs of this machine. */
export function systemPrograms(): Programs {
  return {
    async run(command, args, input = '') {
      const child = start(command, args, 'inherit');
      child.stdin?.end(input);
      const code = await ended(child, command);
      if (code !== 0) throw new DeployError(`${command} ${args.join(' ')} ended with ${code}`);
    },
    async ask(command, args) {
      const child = start(command, args, 'pipe');
      child.stdin?.end();
      let printed = '';
      child.stdout?.on('data', (chunk) => {
        printed += chunk;
      });
      child.stderr?.resume();
      return (await ended(child, command)) === 0 ? printed : undefined;
    },
    async race(command, ways) {
      const children = ways.map((args) => start(command, args, 'inherit'));
      try {
        return await Promise.any(
          children.map(async (child, index) => {
            child.stdin?.end();
            const code = await ended(child, command);
            if (code !== 0) throw new DeployError(`${command} ${ways[index]?.join(' ')} ended with ${code}`);
            return index;
          }),
        );
      } catch (error) {
        throw error instanceof AggregateError ? error.errors[0] : error;
      } finally {
        for (const child of children) child.kill();
      }
    },
  };
}
