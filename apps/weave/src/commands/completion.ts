import { type Command, InvalidArgumentError } from 'commander';
import { bashCompletion } from '../completion/bash.ts';
import { fishCompletion } from '../completion/fish.ts';
import { listCompletions } from '../completion/tree.ts';
import { zshCompletion } from '../completion/zsh.ts';

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

function readShell(text: string): keyof typeof scripts {
  if (Object.hasOwn(scripts, text)) return text as keyof typeof scripts;
  throw new InvalidArgumentError(`expected one of ${Object.keys(scripts).join(', ')}, found "${text}"`);
}

/** Adds `weave completion bash|zsh|fish`, which completes all commands that the program has when it runs. */
export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('print a script that completes commands in a shell: source <(weave completion bash)')
    .argument('<shell>', 'bash, zsh or fish', readShell)
    .action((shell: keyof typeof scripts) => {
      process.stdout.write(scripts[shell](program.name(), listCompletions(program)));
    });
}
