import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Api } from '@weave-nn/testing';
import type { Random } from '../../generate/random.ts';
import { countRefused, type Tally } from './tally.ts';

const PATHS = 12;

/**
 * Somebody who doesn't wait for readiness: writes again what was under way as soon as anything listens, and goes on.
 * The last acknowledged text of each path, or one sent after it, must be there.
 */
export function createEarlyClient({ vault, random }: { vault: string; random: Random }) {
  const acknowledged = new Map<string, string>();
  const unanswered = new Map<string, string[]>();
  let counter = 0;
  let last: string | undefined;

  async function put(api: Api, path: string, tally: Tally): Promise<boolean> {
    const text = `# Early ${++counter}\n\n${'and on '.repeat(random.integer(1, 300))}\n`;
    tally.sent++;
    last = path;
    const answer = await api.put(path, text).catch(() => null);
    if (!answer) {
      tally.unanswered++;
      unanswered.set(path, [...(unanswered.get(path) ?? []), text]);
      return false;
    }
    if (answer.status >= 300) {
      const { code } = answer.json;
      countRefused(tally, `early:${answer.status} ${code}`);
      if (code === 'write-pending') unanswered.set(path, [...(unanswered.get(path) ?? []), text]);
      return true;
    }
    tally.acknowledged++;
    acknowledged.set(path, text);
    unanswered.delete(path);
    return true;
  }

  return {
    async work(api: Api, tally: Tally, goesOn: () => boolean): Promise<void> {
      for (let path = last; goesOn(); path = `Early/early-${random.integer(1, PATHS)}.md`) {
        if (path !== undefined && !(await put(api, path, tally))) return;
      }
    },

    check(tally: Tally): void {
      for (const [path, text] of acknowledged) {
        let found: string | null = null;
        try {
          found = readFileSync(join(vault, path), 'utf8');
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
        }
        if (found === text || (found !== null && unanswered.get(path)?.includes(found))) continue;
        tally.lost.push(
          `${path}: wanted ${text.slice(0, 12).trim()}, found ${found?.slice(0, 12).trim() ?? 'nothing'}`,
        );
        if (found !== null) acknowledged.set(path, found);
        else acknowledged.delete(path);
      }
    },
  };
}

export type EarlyClient = ReturnType<typeof createEarlyClient>;
