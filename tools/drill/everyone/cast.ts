import { join } from 'node:path';
import { writeFiles } from '@weave-nn/testing';
import { createRandom } from '../../generate/random.ts';
import type { Tally } from '../crash/tally.ts';
import { createNoteEditor } from './editor.ts';
import { createElsewhere } from './elsewhere.ts';
import { createHand } from './hand.ts';
import type { Ledger } from './ledger.ts';
import { createNotePerson } from './note-person.ts';
import type { Place } from './place.ts';
import { gitIn } from './repository.ts';
import { createSender } from './request.ts';
import { createTaskPerson, REQUESTS } from './task-person.ts';

const TASK_PEOPLE = 4;
const OWN_NOTES = 2;

const namesIn = (folder: string, count: number) =>
  Array.from({ length: count }, (_, index) => `${folder}/Note ${index + 1}.md`);

/** The notes that everyone edits. */
const shared = namesIn('Shared', 5);

/** Where the remote is, and somebody's clone of it. */
export interface RemoteFolders {
  remote: string;
  clone: string;
}

/** Makes the shared notes, a remote that has them, and the clone. */
export async function prepareRemote(vault: string, { remote, clone }: RemoteFolders): Promise<void> {
  const sections = [REQUESTS, 'Desk', 'Elsewhere', 'End'].map((heading) => `## ${heading}\n\n- nothing yet\n\n`);
  writeFiles(vault, Object.fromEntries(shared.map((note) => [note, `# ${note}\n\n${sections.join('')}`])));
  const git = gitIn(vault);
  await git('init', '--quiet', '--bare', '--initial-branch=main', remote);
  await git('init', '--quiet', '--initial-branch=main');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'Begin');
  await git('remote', 'add', 'origin', `file://${remote}`);
  await git('push', '--quiet', 'origin', 'main');
  await git('clone', '--quiet', `file://${remote}`, clone);
}

export const remoteIn = (folder: string): RemoteFolders => ({
  remote: join(folder, 'remote.git'),
  clone: join(folder, 'elsewhere'),
});

/** Everyone who edits notes: several over HTTP, one in the folder, one in a clone of the remote. */
export function createCast(options: { place: Place; clone: string; seed: number; ledger: Ledger; tally: Tally }) {
  const { place, clone, seed, ledger, tally } = options;
  const random = (stream: number) => createRandom(seed, 6_000_000 + stream);
  const send = createSender(place, tally);
  const elsewhere = createElsewhere({
    folder: clone,
    git: gitIn(clone),
    notes: [...shared, ...namesIn('Away', OWN_NOTES)],
    hand: createHand({ by: 'away', heading: 'Elsewhere', random: random(1), ledger }),
    random: random(2),
    ledger,
  });
  const editor = createNoteEditor({
    vault: place.vault,
    notes: [...shared, ...namesIn('Desk', OWN_NOTES)],
    hand: createHand({ by: 'desk', heading: 'Desk', random: random(3), ledger }),
    random: random(4),
    ledger,
    tally,
  });
  const taskPeople = Array.from({ length: TASK_PEOPLE }, (_, index) =>
    createTaskPerson({ by: `ana${index + 1}t`, notes: shared, random: random(10 + index), ledger, send }),
  );
  const notePerson = createNotePerson({ by: 'pen', notes: shared, random: random(20), ledger, send });
  return {
    /** The commits that were pushed. */
    pushed: elsewhere.pushed as readonly string[],
    /** Lets all of them work until enough is edited. */
    async work(): Promise<void> {
      await Promise.all([elsewhere.work(), editor(), notePerson(), ...taskPeople.map((person) => person())]);
    },
  };
}

export type Cast = ReturnType<typeof createCast>;
