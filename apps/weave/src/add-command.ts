import type { Command } from 'commander';

/** Adds a command, to the program or below another one, with the options that all of its kind have. */
export type AddCommand = (name: string, description: string, parent?: Command) => Command;
