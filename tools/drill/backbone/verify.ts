import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { until } from '@weave-nn/testing';
import { say } from '../drill.ts';
import { checkSequences, readEventLog } from '../event-log.ts';
import { wordOf } from './load.ts';
import type { DrillWorld } from './world.ts';

const MAX_AGREEING_MS = 60_000;
const SHOWN = 10;

/** What was lost and what came twice. */
export interface Verdict {
  lost: string[];
  doubled: string[];
  disagreements: string[];
}

interface Check {
  name: string;
  disagreements: { subject: string; problem: string }[];
}

async function checkAgreement({ api }: DrillWorld, verdict: Verdict): Promise<void> {
  let last: string[] = ['nothing was answered'];
  try {
    await until(
      'all that is stored agrees',
      async () => {
        const checks: Check[] = (await api.call('/v1/system/check')).json.checks;
        last = checks.flatMap(({ name, disagreements }) =>
          disagreements.map(({ subject, problem }) => `${name}: ${subject}: ${problem}`),
        );
        return last.length === 0;
      },
      MAX_AGREEING_MS,
    );
  } catch {
    verdict.disagreements.push(...last);
  }
}

/** Every acknowledged version, or a later one, must be in the file, and be found. */
async function checkNotes(world: DrillWorld, acknowledged: ReadonlyMap<string, number>, verdict: Verdict) {
  for (const [path, version] of acknowledged) {
    let stored = 0;
    try {
      stored = Number(/^Version (\d+)\.$/m.exec(readFileSync(join(world.vault, path), 'utf8'))?.[1] ?? 0);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
    if (stored < version) verdict.lost.push(`${path}: version ${version} was acknowledged, ${stored} is stored`);
    const found = await world.api.search(wordOf(path, stored));
    if (!found.includes(path)) verdict.lost.push(`${path}: version ${stored} is not found by search`);
  }
}

/** Compares what was acknowledged with what is there, and prints what is missing. */
export async function verify(
  world: DrillWorld,
  acknowledged: ReadonlyMap<string, number>,
  expectedDeadLetters = 0,
): Promise<Verdict & { held: boolean }> {
  const verdict: Verdict = { lost: [], doubled: [], disagreements: [] };
  await checkAgreement(world, verdict);
  await checkNotes(world, acknowledged, verdict);
  const events = await readEventLog(world.api, world.key);
  checkSequences(events, verdict);
  const { deadLetters } = (await world.api.call('/v1/system')).json.index;
  say(
    `  arrived: ${acknowledged.size} notes, ${events.length} events; lost ${verdict.lost.length}, doubled ${verdict.doubled.length}, disagreements ${verdict.disagreements.length}, dead letters ${deadLetters}`,
  );
  const problems = Object.entries(verdict).flatMap(([kind, each]) =>
    each.slice(0, SHOWN).map((one: string) => `${kind}: ${one}`),
  );
  for (const problem of problems) say(`    ${problem}`);
  return { ...verdict, held: problems.length === 0 && deadLetters === expectedDeadLetters };
}
