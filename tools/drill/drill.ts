/** What a drill did and found. */
export interface Outcome {
  /** Whether all held, also what is not counted here. */
  held: boolean;
  /** Requests, and saves of an editor. */
  sent: number;
  /** Of them what was acknowledged, and so may not be lost. */
  acknowledged: number;
  /** Acknowledged, or begun by what was, and not there. */
  lost: number;
  /** Done or told twice. */
  doubled: number;
}

/** A fault that is made to happen, and what must hold afterwards. One a file. */
export interface Drill {
  /** One line for the list of drills. */
  summary: string;
  /** The arguments with which it is one of many that run in turn. */
  short?: readonly string[];
  /**
   * Runs it, printing what happens.
   *
   * @param args what follows the drill's name on the command line
   */
  run(args: string[]): Promise<Outcome>;
}

/** Prints a line at once. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
