/** What exit codes mean, for scripts. */
export const exitCodes = {
  ok: 0,
  /** Something was found wrong, or failed. */
  failed: 1,
  /** A wrong setting or argument. */
  usage: 2,
  /** Nothing runs that could be asked. */
  notRunning: 3,
} as const;

/** A command that ends early, with the code to exit with. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(exitCode: number, message: string) {
    super(message);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}
