import type { Command } from 'commander';

/** What can follow one command on the command line. */
export interface Completion {
  /** The command with those it is below, as in `weave tasks list`. */
  path: string;
  /** Names of the commands below it, and of its options. */
  words: string[];
  /** The values that an option can have, by its name; null where files fit. */
  values: Map<string, readonly string[] | null>;
}

const FILES = /<(?:file|folder)>$/;

function completionOf(path: string, command: Command): Completion {
  const options = command.options.filter(({ hidden }) => !hidden);
  const values = options.flatMap(({ long, flags, argChoices }): [string, readonly string[] | null][] => {
    if (!long) return [];
    if (argChoices) return [[long, argChoices]];
    return FILES.test(flags) ? [[long, null]] : [];
  });
  return {
    path,
    words: [...command.commands.map((below) => below.name()), ...options.flatMap(({ long }) => long ?? []), '--help'],
    values: new Map(values),
  };
}

/** Every command of a program, itself first. */
export function listCompletions(command: Command, path = command.name()): Completion[] {
  const below = command.commands.flatMap((each) => listCompletions(each, `${path} ${each.name()}`));
  return [completionOf(path, command), ...below];
}
