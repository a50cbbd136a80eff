/** A call to another service that did not come back with an answer, or came back with a problem. */
export class ClientError extends Error {
  readonly code: string;
  readonly status: number;

  constructor(service: string, status: number, code: string, detail: string, options?: ErrorOptions) {
    super(`${service}: ${detail}`, options);
    this.name = 'ClientError';
    this.code = code;
    this.status = status;
  }
}
