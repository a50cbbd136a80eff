import { checkAgreement, checkLeftovers } from '../../crash/checks.ts';
import type { Tally } from '../../crash/tally.ts';
import { say } from '../../drill.ts';
import { checkSequences } from '../../event-log.ts';
import type { Ledger } from '../ledger.ts';
import type { Place } from '../place.ts';
import { checkDoubles, checkEdits } from './edits.ts';
import { checkHistory } from './history.ts';
import { readNotes } from './notes.ts';
import { checkSearch } from './search.ts';
import { checkTasks, readTaskEvents } from './tasks.ts';

/** Compares what everyone did with the notes, the tasks, the history, the remote, the event log and the index. */
export async function checkAll(
  place: Place,
  did: { ledger: Ledger; remote: string; pushed: readonly string[] },
  tally: Tally,
): Promise<void> {
  const { vault, key } = place;
  const { ledger, remote, pushed } = did;
  const api = place.api();
  await checkAgreement(api, tally);
  const notes = readNotes(vault);
  checkDoubles(notes, tally);
  const where = await checkEdits(api, ledger, notes, tally);
  const events = await readTaskEvents(api, key);
  checkSequences(events, tally);
  const tasks = await checkTasks(api, ledger, notes, events, tally);
  const commits = await checkHistory({ vault, remote, pushed, notes }, events, tally);
  const words = await checkSearch(api, ledger, notes, tally);
  await checkLeftovers(vault, tally);
  const conflicts = notes.filter(({ isConflict }) => isConflict).length;
  say(`  ${notes.length} notes, of them ${conflicts} of conflicts; ${tasks} tasks, ${commits} commits`);
  say(`  ${events.length} events, ${words} words searched`);
  const counts = Object.entries(where).map(([kind, count]) => `${count} ${kind}`);
  say(`  of the edits: ${counts.join(', ')}`);
}
