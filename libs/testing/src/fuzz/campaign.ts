import { Agent } from 'node:http';
import fc from 'fast-check';
import { createApi } from '../api.ts';
import { isDocumented, type Operation, readOperations } from './description.ts';
import { collectKnown } from './known.ts';
import { type FuzzRequest, requestsOf } from './requests.ts';
import { type FuzzAnswer, send } from './send.ts';

export interface CampaignOptions {
  url: string;
  key: string;
  /** What all requests follow from. */
  seed: number;
  requests: number;
  /** Only operations whose name contains it. */
  only?: string;
  /** How many requests are under way at once; 8 when left out. */
  concurrency?: number;
  /** Milliseconds for a response, four times as many for an expensive one; 15 s when left out. */
  within?: number;
}

/** A response that should not have come, or one that did not come. */
export interface Finding {
  operation: string;
  problem: string;
  /** The request, shortened. */
  request: string;
}

export interface CampaignResult {
  sent: number;
  findings: Finding[];
  /** How many responses of each operation had each status. */
  statuses: ReadonlyMap<string, ReadonlyMap<number, number>>;
}

const SHOWN = 300;
/** What starts programs, or goes through everything that there is: it takes up to a second. */
const EXPENSIVE = /^\/v1\/(context|git|system)/;
const EXPENSIVE_SHARE = 0.1;
const EXPENSIVE_PATIENCE = 4;
const SEEDS_APART = 1_000;
const PROBLEM = 'application/problem+json';

function shorten(text: string): string {
  return text.length <= SHOWN ? text : `${text.slice(0, SHOWN)}\u2026 (${text.length} characters)`;
}

function describeRequest({ operation: { method }, target, headers, body }: FuzzRequest): string {
  const shown =
    typeof body === 'string' ? JSON.stringify(shorten(body)) : body && `bytes ${Buffer.from(body).toString('hex')}`;
  return `${method} ${shorten(target)} ${shorten(JSON.stringify(headers))} ${shown ?? ''}`;
}

/** Says what is wrong with a response; undefined when nothing is. */
function judge(operation: Operation, { status, contentType, body }: FuzzAnswer): string | undefined {
  if (status >= 500) return `${status} ${shorten(body)}`;
  if (!isDocumented(operation, status)) return `${status} is not documented: ${shorten(body)}`;
  const isProblem = contentType.startsWith(PROBLEM);
  if (isProblem !== status >= 400) return `${status} with ${contentType || 'no content type'}: ${shorten(body)}`;
  if (!isProblem) return undefined;
  const { status: said, code } = JSON.parse(body) as { status: number; code: string };
  return said === status && /^[a-z][a-z0-9-]+$/.test(code) ? undefined : `a problem document that says ${said} ${code}`;
}

/** Every operation gets as many requests as every other, expensive ones fewer; they are sent in a mixed order. */
function plan(
  operations: readonly Operation[],
  known: Awaited<ReturnType<typeof collectKnown>>,
  options: CampaignOptions,
) {
  const { seed, requests } = options;
  const shares = operations.map(({ path }) => (EXPENSIVE.test(path) ? EXPENSIVE_SHARE : 1));
  const whole = shares.reduce((sum, share) => sum + share, 0);
  const placed = operations.flatMap((operation, index) => {
    const numRuns = Math.ceil(((shares[index] ?? 1) / whole) * requests);
    const made = fc.sample(requestsOf(operation, known), { numRuns, seed: seed * SEEDS_APART + index });
    return made.map((request, nth) => ({ request, at: (nth + index / operations.length) / numRuns }));
  });
  return placed.sort((one, other) => one.at - other.at).map(({ request }) => request);
}

/**
 * Sends requests that are made from the OpenAPI description of a running system, and judges each response: none is a
 * server error, each comes in time, and each has a status that its operation documents.
 *
 * @throws Error when the system has no description, or none of its operations is meant
 */
export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { url, key, only = '', concurrency = 8, within = 15_000 } = options;
  const api = createApi(url, key);
  const described = readOperations((await api.call('/openapi.json')).json);
  const operations = described.filter(({ name }) => name.includes(only));
  if (operations.length === 0) throw new Error(`no operation of ${url}/openapi.json is called like ${only}`);
  const queue = plan(operations, await collectKnown(api), options).values();
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  const findings: Finding[] = [];
  const statuses = new Map<string, Map<number, number>>();
  let sent = 0;

  async function work(): Promise<void> {
    for (const request of queue) {
      const { operation } = request;
      sent++;
      let problem: string | undefined;
      try {
        const limit = EXPENSIVE.test(operation.path) ? within * EXPENSIVE_PATIENCE : within;
        const answer = await send(request, { url, key, agent, within: limit });
        const counts = statuses.get(operation.name) ?? new Map<number, number>();
        statuses.set(operation.name, counts.set(answer.status, (counts.get(answer.status) ?? 0) + 1));
        problem = judge(operation, answer);
      } catch (error) {
        problem = (error as Error).message;
      }
      if (problem !== undefined)
        findings.push({ operation: operation.name, problem, request: describeRequest(request) });
    }
  }

  try {
    await Promise.all(Array.from({ length: concurrency }, work));
  } finally {
    agent.destroy();
  }
  return { sent, findings, statuses };
}
