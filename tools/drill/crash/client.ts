import type { Api } from '@weave-nn/testing';
import type { Random } from '../../generate/random.ts';
import { chooseOperation, type Operation, writeText } from './operations.ts';
import { countRefused, type Tally } from './tally.ts';
import { compareWorlds, hasDoubledLine, hashOf, readWorld, type World } from './world.ts';

const HUB_NOTES = 10;

/**
 * Somebody who changes a folder of its own over HTTP, one thing after another, and knows what must be in it: what was
 * acknowledged, and perhaps the one change that was under way when the process died, whole.
 */
export function createClient(options: { folder: string; vault: string; random: Random }) {
  const { folder, vault, random } = options;
  let world: World = new Map();
  let pending: Operation | null = null;
  let counter = 0;
  const trashed = new Set<string>();
  const next = () => ++counter;
  const hand = () => ({ random, folder, world, next });

  async function send(api: Api, operation: Operation, tally: Tally): Promise<'done' | 'refused' | 'unanswered'> {
    pending = operation;
    tally.sent++;
    const { method, url, headers, body } = operation;
    const answer = await api.call(url, { method, headers, ...(body === '' ? {} : { body }) }).catch(() => null);
    if (!answer) {
      tally.unanswered++;
      return 'unanswered';
    }
    if (answer.status >= 300) {
      const { code } = answer.json;
      countRefused(tally, `${operation.kind}:${answer.status} ${code}`);
      // Decided, but not carried out: either state may be found.
      if (code === 'write-pending') return 'unanswered';
      pending = null;
      return 'refused';
    }
    tally.acknowledged++;
    const etag = answer.headers.get('etag');
    if (operation.etag !== undefined && etag !== `"${operation.etag}"`) {
      tally.odd.push(`${operation.kind} ${url} was answered with ETag ${etag} instead of "${operation.etag}"`);
    }
    world = operation.after;
    for (const text of operation.trashed) trashed.add(hashOf(text));
    pending = null;
    return 'done';
  }

  function judge(differences: readonly string[], found: World, tally: Tally) {
    const where = `${folder} (${pending ? `${pending.kind} was under way` : 'nothing was under way'})`;
    const doubled = [...found].filter(([path, text]) => hasDoubledLine(text) && !hasDoubledLine(world.get(path) ?? ''));
    if (doubled.length > 0) tally.doubled.push(...doubled.map(([path]) => `${where}: ${path}`));
    const half =
      pending !== null && compareWorlds(pending.after, found).length < pending.trashed.length + differences.length;
    (half ? tally.half : tally.lost).push(...differences.map((each) => `${where}: ${each}`));
  }

  return {
    folder,
    trashed,

    /** Notes that the shared note links to, with the lines it has for them. */
    firstNotes() {
      const lines: string[] = [];
      const first = new Map<string, string>();
      for (let count = 0; count < HUB_NOTES; count++) {
        const name = `${folder}-${next()}`;
        first.set(`${folder}/${name}.md`, writeText({ ...hand(), world: first }));
        lines.push(`- ${name}: [[${name}]]`);
      }
      world = new Map([
        ...first,
        ...lines.map(
          (line) => [`hub:${line.slice(2, line.indexOf(':'))}`, line.slice(line.indexOf('[[') + 2, -2)] as const,
        ),
      ]);
      return { files: first, lines };
    },

    /** Changes things until told to stop or the process is gone. */
    async work(api: Api, tally: Tally, goesOn: () => boolean): Promise<void> {
      while (goesOn()) {
        if ((await send(api, chooseOperation(hand()), tally)) === 'unanswered') return;
      }
    },

    /** Compares what should be there with what is, after a start, and goes on from what is. */
    check(tally: Tally): void {
      const found = readWorld(vault, folder);
      const differences = compareWorlds(world, found);
      if (pending && differences.length > 0 && compareWorlds(pending.after, found).length === 0) {
        for (const text of pending.trashed) trashed.add(hashOf(text));
      } else if (differences.length > 0) judge(differences, found, tally);
      world = found;
    },

    /** Sends the change that was under way again, under its key; it must have been done once after that. */
    async repeat(api: Api, tally: Tally): Promise<void> {
      const again = pending;
      pending = null;
      if (!again?.headers['idempotency-key']) return;
      if ((await send(api, again, tally)) !== 'done') {
        tally.odd.push(`${folder}: the repeated ${again.kind} was not acknowledged`);
        return;
      }
      const found = readWorld(vault, folder);
      const differences = compareWorlds(world, found);
      if (differences.length > 0)
        judge(
          differences.map((each) => `repeated ${again.kind}: ${each}`),
          found,
          tally,
        );
      world = found;
    },
  };
}

export type Client = ReturnType<typeof createClient>;
