/** What exit codes mean, for scripts; the same for every command. */
export const exitCodes = {
  /** Done, also when there was nothing to find. */
  ok: 0,
  /** It failed, or something was found wrong. */
  failed: 1,
  /** What was asked for cannot be: a wrong option, argument or setting. */
  usage: 2,
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
