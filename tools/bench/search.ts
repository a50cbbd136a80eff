import { startWeave } from '../drill/weave-process.ts';
import { startChild } from './children.ts';
import type { Figure, Measurement } from './figure.ts';
import { createHttpClient, type HttpClient } from './http-client.ts';
import { drawQueries, type SearchQuery } from './queries.ts';
import { median, quantile, showMs, showSpread } from './statistics.ts';

const ROUNDS = 4;
const WANTED = 1.5;

interface Sample {
  kind: string;
  ms: number;
  tookMs: number;
}

async function ask(client: HttpClient, path: string, kind: string): Promise<Sample> {
  const { status, body, ms } = await client.send('GET', path);
  if (status !== 200) throw new Error(`${path} answered ${status}: ${body}`);
  return { kind, ms, tookMs: JSON.parse(body).tookMs };
}

function compare(name: string, ours: readonly number[], baseline: readonly number[]): Measurement {
  const at = (part: number) => quantile(ours, part) / quantile(baseline, part);
  const ratio = Math.max(at(0.5), at(0.99));
  return {
    name,
    ours: showSpread(ours),
    baseline: showSpread(baseline),
    ratio,
    wanted: `≤ ${WANTED} × at both`,
    ok: ratio <= WANTED,
    notes: [`${at(0.5).toFixed(2)} × at p50, ${at(0.99).toFixed(2)} × at p99`],
  };
}

function byKind(queries: readonly SearchQuery[], ours: readonly Sample[], baseline: readonly Sample[]): string[] {
  return [...new Set(queries.map(({ kind }) => kind))].map((kind) => {
    const took = (samples: readonly Sample[]) =>
      samples.filter((each) => each.kind === kind).map(({ tookMs }) => tookMs);
    return `${kind}: median ${showMs(median(took(ours)))} against ${showMs(median(took(baseline)))}`;
  });
}

/** Text search over HTTP, against the same queries on a bare FTS5 table behind a bare HTTP server. */
export const search: Figure = async (bench) => {
  const weave = await startWeave(await bench.indexed());
  const bare = await startChild('bare-server.ts', await bench.bareTable());
  await weave.ready();
  const clients = [createHttpClient(weave.url), createHttpClient(bare.url)] as const;
  const queries = drawQueries(bench.generated.plan);
  const ours: Sample[] = [];
  const baseline: Sample[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const { kind, typed, match } of queries) {
      const one = await ask(clients[0], `/v1/search?limit=20&q=${encodeURIComponent(typed)}`, kind);
      const other = await ask(clients[1], `/?q=${encodeURIComponent(match)}`, kind);
      // The first round warms both up.
      if (round > 0) {
        ours.push(one);
        baseline.push(other);
      }
    }
  }
  for (const client of clients) client.close();
  await Promise.all([weave.stop(), bare.stop()]);
  const served = compare(
    'search, as the server times it',
    ours.map(({ tookMs }) => tookMs),
    baseline.map(({ tookMs }) => tookMs),
  );
  return [
    compare(
      'search, over HTTP',
      ours.map(({ ms }) => ms),
      baseline.map(({ ms }) => ms),
    ),
    { ...served, notes: [...(served.notes ?? []), ...byKind(queries, ours, baseline)] },
  ];
};
