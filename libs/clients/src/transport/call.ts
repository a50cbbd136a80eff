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
  /** The answer itself, from a service in this process that hands it over instead of a body. */
  handedOver?: unknown;
}

/** Carries a call to a service and brings its answer; the caller's identity, deadline and trace travel with it. */
export type Transport = (call: Call) => Promise<Answer>;

/** The header that tells the callee how many milliseconds it has. */
export const DEADLINE_HEADER = 'x-weave-deadline';

const TIMEOUT = 10_000;

/**
 * How long an answer is waited for.
 *
 * @param remaining milliseconds that the caller itself still has; undefined when nobody waits for it
 * @returns milliseconds
 * @throws ClientError 504 `service-timeout` when none are left
 */
export function allowedTime(service: string, { timeout = TIMEOUT }: Call, remaining: number | undefined): number {
  const time = Math.min(timeout, remaining ?? Number.POSITIVE_INFINITY);
  if (time <= 0) throw new ClientError(service, 504, 'service-timeout', 'no time is left for the call');
  return time;
}

/** What is thrown when a service does not answer in its time. */
export function noAnswerInTime(service: string): ClientError {
  return new ClientError(service, 504, 'service-timeout', 'no answer in time');
}

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
  const { status, body, handedOver } = await transport(call);
  if (status < 400) return (handedOver ?? JSON.parse(body)) as Result;
  const { code = 'unknown', detail = body.slice(0, 200) } = parseJson(body);
  throw new ClientError(service, status, code, detail);
}

/**
 * A vault path as a URL has it.
 *
 * @throws ClientError 400 `path-outside-vault` for a path with a step in it, which a URL would take before it is sent
 */
export function encodePath(service: string, path: string): string {
  const segments = path.split('/');
  if (segments.some((segment) => segment === '.' || segment === '..')) {
    throw new ClientError(service, 400, 'path-outside-vault', `${path} is not a path within the vault`);
  }
  return segments.map(encodeURIComponent).join('/');
}
