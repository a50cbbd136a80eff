import { ClientError } from './errors.ts';

/** One request to a service, however it is reached. */
export interface Call {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  url: string;
  body?: unknown;
  /** Beside those that every call carries. */
  headers?: Readonly<Record<string, string>>;
  /** The media type wanted, where there are several. */
  accept?: string;
  /** Whether doing it twice is as doing it once; true of every GET, said of a POST that only reads. */
  idempotent?: boolean;
  /** Milliseconds for which an answer is waited for; 10 s when left out, less when the caller itself has less. */
  timeout?: number;
}

export interface Answer {
  status: number;
  body: string;
}

/** Carries a call to a service and brings its answer; the caller's identity, deadline and trace travel with it. */
export type Transport = (call: Call) => Promise<Answer>;

/** The header that tells the callee how many milliseconds it has. */
export const DEADLINE_HEADER = 'x-weave-deadline';

function parseJson(text: string): { code?: string; detail?: string } {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/**
 * Calls a service and reads its JSON answer.
 *
 * @throws ClientError with the service's own code when it answers with a problem, `service-unavailable` when it does
 *   not answer, `service-timeout` when it does not in time
 */
export async function callJson<Result>(service: string, transport: Transport, call: Call): Promise<Result> {
  const { status, body } = await transport(call);
  if (status < 400) return JSON.parse(body) as Result;
  const { code = 'unknown', detail = body.slice(0, 200) } = parseJson(body);
  throw new ClientError(service, status, code, detail);
}

/** A vault path as a URL has it. */
export function encodePath(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/');
}
