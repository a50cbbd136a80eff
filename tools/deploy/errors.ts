/** A deploy that cannot go on, with what the operator can do about it. */
export class DeployError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'DeployError';
  }
}
