import { systemRuntime } from '@weave-nn/config';
import { createOutbox } from '@weave-nn/events';
import { findNoteTasks } from '@weave-nn/vault/tasks';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createComments } from '../src/domain/comments.ts';
import { createDays } from '../src/domain/days.ts';
import { createNoteSync } from '../src/domain/notes/note-sync.ts';
import type { TaskDatabase } from '../src/store/client.ts';
import { createCommentStore } from '../src/store/comments.ts';
import { createNoteStore } from '../src/store/notes.ts';
import { createPinStore } from '../src/store/pins.ts';
import { createRequestStore } from '../src/store/requests.ts';
import { createTaskStore } from '../src/store/tasks.ts';
import { createTransactions } from '../src/store/transaction.ts';
import { createPlace, type Place, providers } from './fixture/places.ts';

const VAULT = 'default';
const author = { actor: 'test', client: null, requestId: null };
const ROUNDS = 40;

/** What one process has over a database. */
function openReplica(database: TaskDatabase) {
  const runtime = systemRuntime;
  const tasks = createTaskStore(database, VAULT);
  const outbox = createOutbox({ source: `/${VAULT}/task`, runtime, provider: database.provider });
  const shared = { database: createTransactions(database), tasks, outbox, runtime };
  const sync = createNoteSync({
    ...shared,
    notes: createNoteStore(database, VAULT),
    pins: createPinStore(database, VAULT),
    days: createDays(runtime, 'UTC'),
  });
  const comments = createComments({
    ...shared,
    comments: createCommentStore(database, VAULT),
    requests: createRequestStore(database, VAULT),
    onChanged: () => undefined,
  });
  return {
    tasks,
    comment: (id: string) => comments.add(id, 'said', author, null),
    see: (content: string, sequence: number) => {
      const state = { path: 'A.md', hash: `hash ${sequence}`, sequence, tasks: findNoteTasks(content) };
      return database.transaction((sql) => sync.apply(sql, [state], { authorOf: () => author }));
    },
  };
}

describe.each(providers)('several processes on $provider', ({ provider, answers }) => {
  if (!answers) {
    test.skip('the server does not answer');
    return;
  }
  let place: Place;

  beforeEach(async () => {
    place = await createPlace(provider);
  });
  afterEach(() => place.remove());

  test('apply the states of a note and lose nothing that is said of its task meanwhile', async () => {
    const databases =
      provider === 'postgresql' ? [place.database, await place.open()] : [place.database, place.database];
    const [one, two] = databases.map(openReplica) as [ReturnType<typeof openReplica>, ReturnType<typeof openReplica>];
    await one.see('- [ ] Version 0\n', 1);
    const [task] = await one.tasks.ofNotes(place.database.read, ['A.md']);
    const id = task?.id ?? '';
    const work: Promise<unknown>[] = [];
    for (let round = 1; round <= ROUNDS; round++) {
      const replica = round % 2 === 0 ? one : two;
      // Both get each state, in whatever order the transactions come.
      work.push(one.see(`- [ ] Version ${round}\n`, round + 1), two.see(`- [ ] Version ${round}\n`, round + 1));
      work.push(replica.comment(id));
    }
    await Promise.all(work);
    expect(await one.tasks.ofNotes(place.database.read, ['A.md'])).toMatchObject([
      { id, title: `Version ${ROUNDS}`, comments: ROUNDS, revision: expect.any(Number) },
    ]);
    const events = await place.database.read.all<{ body: string }>('SELECT body FROM outbox ORDER BY position');
    const sequences = events
      .map(({ body }) => JSON.parse(body) as { subject: string; sequence: string; type: string })
      .filter(({ subject }) => subject === id)
      .map(({ sequence }) => Number(sequence))
      .sort((a, b) => a - b);
    expect(sequences).toEqual(sequences.map((_, index) => index + 1));
  });
});
