import { ClientError } from './errors.ts';

/** One request to a service, however it is reached. */
export interface Call {
  method: 'GET' | 'POST';
  url: string;
  body?: unknown;
}

export interface Answer {
  status: number;
  body: string;
}

/** Carries a call to a service and brings its answer; the identity of the caller travels with it. */
export type Transport = (call: Call) => Promise<Answer>;

/**
 * Calls a service and reads its JSON answer.
 *
 * @throws ClientError with the service's own code when it answers with a problem
 */
export async function callJson<Result>(service: string, transport: Transport, call: Call): Promise<Result> {
  const { status, body } = await transport(call);
  const value = JSON.parse(body);
  if (status >= 400)
    throw new ClientError(service, status, value.code ?? 'unknown', value.detail ?? body.slice(0, 200));
  return value as Result;
}
