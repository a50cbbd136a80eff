/** A fault that is made to happen, and what must hold afterwards. One a file. */
export interface Drill {
  /** One line for the list of drills. */
  summary: string;
  /**
   * Runs it, printing what happens.
   *
   * @param args what follows the drill's name on the command line
   * @returns whether all held
   */
  run(args: string[]): Promise<boolean>;
}

/** Prints a line at once. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
