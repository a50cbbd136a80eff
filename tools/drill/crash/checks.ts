import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Api, until } from '@weave-nn/testing';
import type { Client } from './client.ts';
import type { Tally } from './tally.ts';
import { hashOf } from './world.ts';

const MAX_AGREEING_MS = 10_000;
const MAX_TIDYING_MS = 5_000;

interface Check {
  name: string;
  disagreements: { subject: string; problem: string }[];
}

/** Vault, manifest, index and event log must agree soon, without the scan of everything that comes once a minute. */
export async function checkAgreement(api: Api, tally: Tally): Promise<void> {
  let last: string[] = [];
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
  } catch (error) {
    if (last.length === 0) throw error;
    tally.disagreements.push(...last);
  }
  const { index } = (await api.call('/v1/system')).json;
  if (index.deadLetters > 0) tally.odd.push(`${index.deadLetters} dead letters`);
}

/** No hidden temporary file may stay for more than a few seconds. */
export async function checkLeftovers(vault: string, tally: Tally): Promise<void> {
  let last: string[] = [];
  try {
    await until(
      'no temporary is left',
      () => {
        last = globSync('**/.weave-tmp-*', { cwd: vault });
        return last.length === 0;
      },
      MAX_TIDYING_MS,
    );
  } catch (error) {
    if (last.length === 0) throw error;
    tally.leftovers.push(...last);
  }
}

/** What was deleted to the trash must be in it. */
export function checkTrash(vault: string, clients: readonly Client[], tally: Tally): void {
  const paths = globSync('.trash/**/*.md', { cwd: vault });
  const present = new Set(paths.map((path) => hashOf(readFileSync(join(vault, path), 'utf8'))));
  for (const { folder, trashed } of clients) {
    const missing = [...trashed].filter((hash) => !present.has(hash));
    for (const hash of missing) {
      tally.lost.push(`${folder}: a deleted text is not in the trash (${hash})`);
      trashed.delete(hash);
    }
  }
}
