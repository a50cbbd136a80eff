import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Random } from '../../generate/random.ts';
import type { Hand } from './hand.ts';
import type { Edit, Ledger } from './ledger.ts';
import type { Git } from './repository.ts';

const MAX_PAUSE_MS = 4_000;
const MAX_EDITS = 8;
const MAX_PUSHES = 4;
/** So often it has not fetched before it edits. */
const STALE = 0.3;
const RENAMES = 0.1;
const OWN_FOLDER = 'Away';

/** Somebody who has the notes in another place, edits them there, and pushes what it has committed. */
export function createElsewhere(options: {
  /** The clone. */
  folder: string;
  git: Git;
  notes: readonly string[];
  hand: Hand;
  random: Random;
  ledger: Ledger;
}) {
  const { folder, git, notes, hand, random, ledger } = options;
  const pushed: string[] = [];

  function changeOne(): Edit {
    const path = random.pick(notes);
    const file = join(folder, path);
    const base = existsSync(file) ? readFileSync(file, 'utf8') : `# ${path}\n`;
    const { text, edit } = hand(base);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return ledger.begin({ ...edit, by: 'away', path });
  }

  function renameOne() {
    const own = join(folder, OWN_FOLDER);
    const [first] = existsSync(own) ? readdirSync(own) : [];
    if (first === undefined) return;
    const other = first.replace(/( \d+)?\.md$/, ` ${random.integer(100, 999)}.md`);
    if (!existsSync(join(own, other))) renameSync(join(own, first), join(own, other));
  }

  /** Puts what was committed upon what the remote has by now; false when it cannot be put there and is given up. */
  async function putUponRemote(): Promise<boolean> {
    await git('fetch', '--quiet', 'origin');
    try {
      await git('rebase', '--quiet', 'origin/main');
      return true;
    } catch {
      await git('rebase', '--abort');
      await git('reset', '--quiet', '--hard', 'origin/main');
      return false;
    }
  }

  async function push(): Promise<boolean> {
    for (let count = 1; ; count++) {
      try {
        await git('push', '--quiet', 'origin', 'HEAD:main');
        return true;
      } catch {
        if (count < MAX_PUSHES && (await putUponRemote())) continue;
        await git('reset', '--quiet', '--hard', 'origin/main');
        return false;
      }
    }
  }

  async function editAndPush(): Promise<void> {
    if (!random.chance(STALE)) await putUponRemote();
    const edits: Edit[] = [];
    for (let count = random.integer(1, MAX_EDITS); count > 0; count--) edits.push(changeOne());
    if (random.chance(RENAMES)) renameOne();
    await git('add', '--all');
    await git('commit', '--quiet', '--allow-empty', '--message', 'Edit elsewhere');
    const isPushed = await push();
    for (const edit of edits) (isPushed ? ledger.done : ledger.drop)(edit);
    if (isPushed) pushed.push((await git('rev-parse', 'HEAD')).trim());
  }

  return {
    /** The commits that it has pushed. */
    pushed,
    async work(): Promise<void> {
      while (ledger.goesOn()) {
        await editAndPush();
        await setTimeout(random.integer(0, MAX_PAUSE_MS));
      }
    },
  };
}
