import { setTimeout } from 'node:timers/promises';
import { type Api, encodePath } from '@weave-nn/testing';

const NOTES_EACH = 20;
const PAUSE_AFTER_FAILURE = 20;
const ENDS_KEPT = 5;

/** What became of requests. */
export interface LoadTally {
  sent: number;
  acknowledged: number;
  /** Answered with an error, by status and code. */
  refused: Map<string, number>;
  unanswered: number;
  /** What ended those that were not answered, and when, in milliseconds since the load began: the last few. */
  ends: string[];
  /** Milliseconds of every answered request. */
  times: number[];
}

/**
 * People who write notes again and again, each its own, and read them. Version n of a note has the word `<note>v<n>`;
 * what is stored may never be older than the last version that was acknowledged.
 */
export function createLoad(options: { api: () => Api; people: number; pause: number }) {
  const acknowledged = new Map<string, number>();
  const tally: LoadTally = { sent: 0, acknowledged: 0, refused: new Map(), unanswered: 0, ends: [], times: [] };
  const begun = performance.now();
  let going = true;
  let counter = 0;

  async function send(work: (api: Api) => Promise<{ status: number; text: string }>): Promise<boolean> {
    tally.sent++;
    const started = performance.now();
    const answer = await work(options.api()).catch((error: Error) => error);
    if (answer instanceof Error) {
      tally.unanswered++;
      const { cause = answer } = answer as { cause?: NodeJS.ErrnoException };
      tally.ends.push(`${Math.round(started - begun)} ${'code' in cause ? cause.code : cause.name}`);
      if (tally.ends.length > ENDS_KEPT) tally.ends.shift();
      return false;
    }
    tally.times.push(performance.now() - started);
    if (answer.status < 400) {
      tally.acknowledged++;
      return true;
    }
    const code = /"code":"([^"]+)"/.exec(answer.text)?.[1] ?? '';
    const kind = `${answer.status} ${code}`;
    tally.refused.set(kind, (tally.refused.get(kind) ?? 0) + 1);
    return false;
  }

  async function person(number: number): Promise<void> {
    while (going) {
      const path = `Load/${number}/note${number}x${counter++ % NOTES_EACH}.md`;
      const version = ++counter;
      const word = wordOf(path, version);
      const written = await send((api) => api.put(path, `# ${word}\n\nVersion ${version}.\n`));
      if (written) acknowledged.set(path, version);
      const read = await send((api) => api.call(`/v1/files/${encodePath(path)}`));
      if (!written || !read) await setTimeout(PAUSE_AFTER_FAILURE);
      await send((api) => api.call('/v1/search?q=version&limit=5'));
      await setTimeout(options.pause);
    }
  }

  const working = Promise.all(Array.from({ length: options.people }, (_, number) => person(number)));

  return {
    tally,
    acknowledged,
    async stop() {
      going = false;
      await working;
    },
  };
}

/** The word that only this version of a note has. */
export function wordOf(path: string, version: number): string {
  return `${path.slice(path.lastIndexOf('/') + 1, -3)}v${version}`;
}

/** How many requests were answered with an error, or not at all. */
export function failedRequests({ unanswered, refused }: LoadTally): number {
  return unanswered + [...refused.values()].reduce((sum, count) => sum + count, 0);
}

/** One line on what became of a load. */
export function describeLoad({ sent, acknowledged, refused, unanswered, ends, times }: LoadTally): string {
  const sorted = [...times].sort((one, other) => one - other);
  const at = (part: number) => Math.round(sorted[Math.floor(sorted.length * part)] ?? 0);
  const kinds = [...refused].map(([kind, count]) => `${count} × ${kind}`).join(', ');
  return `sent ${sent}, acknowledged ${acknowledged}, refused ${kinds || 0}, unanswered ${unanswered}${ends.length > 0 ? ` (${ends.join(', ')})` : ''}; p50 ${at(0.5)} ms, p95 ${at(0.95)} ms`;
}
