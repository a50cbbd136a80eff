import { createKeyedMutex } from '@weave-nn/background';
import { type ChangedFile, ClientError, type FileState } from '@weave-nn/clients';
import { systemRuntime } from '@weave-nn/config';
import { createOutbox } from '@weave-nn/events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createChanges } from '../src/domain/change/changes.ts';
import { createDays } from '../src/domain/days.ts';
import { createNoteFiles, hashOf } from '../src/domain/notes/note-files.ts';
import { createNoteSync } from '../src/domain/notes/note-sync.ts';
import { createPresent } from '../src/domain/present.ts';
import { createNoteStore } from '../src/store/notes.ts';
import { createPinStore } from '../src/store/pins.ts';
import { createProjectStore } from '../src/store/projects.ts';
import { createRequestStore } from '../src/store/requests.ts';
import { createTaskStore } from '../src/store/tasks.ts';
import { createTransactions } from '../src/store/transaction.ts';
import { createPlace, type Place, providers } from './fixture/places.ts';

const VAULT = 'default';
const PATH = 'A.md';
const author = { actor: 'test', client: null, requestId: null };

/** A note, and what becomes of it while a request to the file service is answered. */
function openNote(text: string) {
  let content = text;
  let sequence = 1;
  let onWay: ((next: string) => void) | undefined;
  let beforeWrite = () => {};
  let afterWrite = async () => {};
  const state = (): FileState => ({
    path: PATH,
    deleted: false,
    hash: hashOf(content),
    sequence,
    size: content.length,
    mtime: '2026-11-24T12:30:00.000Z',
    content,
    warning: null,
  });
  function save(next: string) {
    content = next;
    sequence++;
  }
  return {
    save,
    text: () => content,
    /** Lets the next write be on its way for ever, as of a service that is killed while it waits for the answer. */
    loseNext(keep: (next: string) => void) {
      onWay = keep;
    },
    /** Does something just before a write is looked at. */
    beforeWritten(work: () => void) {
      beforeWrite = work;
    },
    whenWritten(work: () => Promise<void>) {
      afterWrite = work;
    },
    files: createNoteFiles(
      {
        read: async () => [state()],
        async change(operations) {
          const [operation] = operations;
          if (operation?.op !== 'put') throw new Error('only a note is written');
          if (onWay) {
            onWay(operation.content);
            onWay = undefined;
            throw new ClientError('file', 503, 'upstream-unavailable', 'no answer came');
          }
          beforeWrite();
          if (operation.ifMatch !== `"${hashOf(content)}"`) {
            throw new ClientError('file', 412, 'precondition-failed', 'the note is another by now');
          }
          save(operation.content);
          const written = { path: PATH, sequence } as ChangedFile;
          await afterWrite();
          return [written];
        },
      },
      new Map(),
    ),
  };
}

function openTasks({ database }: Place, { files }: ReturnType<typeof openNote>) {
  const runtime = systemRuntime;
  const shared = {
    database: createTransactions(database),
    runtime,
    files,
    tasks: createTaskStore(database, VAULT),
    notes: createNoteStore(database, VAULT),
    pins: createPinStore(database, VAULT),
    outbox: createOutbox({ source: `/${VAULT}/task`, runtime, provider: database.provider }),
    days: createDays(runtime, 'UTC'),
    onChanged: () => undefined,
  };
  const sync = createNoteSync(shared);
  const present = createPresent({ ...shared, sync });
  const changes = createChanges({
    ...shared,
    sync,
    present,
    projects: createProjectStore(database, VAULT),
    requests: createRequestStore(database, VAULT),
    mutex: createKeyedMutex(),
  });
  return { present, changes, listed: () => shared.tasks.ofNotes(database.read, [PATH]) };
}

describe.each(providers)('a request on $provider', ({ provider, answers }) => {
  if (!answers) {
    test.skip('the server does not answer');
    return;
  }
  let place: Place;

  beforeEach(async () => {
    place = await createPlace(provider);
  });
  afterEach(() => place.remove());

  test('that deletes a task leaves another to a line that an editor has put in its place meanwhile', async () => {
    const note = openNote('- [ ] Call Ana\n- [ ] Stay\n');
    const { present, changes, listed } = openTasks(place, note);
    await present.readNotes([PATH]);
    const [task] = await listed();
    const id = task?.id ?? '';
    note.whenWritten(async () => {
      note.save('- [ ] Call Ana again\n- [ ] Stay\n');
      await present.readNotes([PATH]);
    });
    expect(await changes.apply([{ op: 'delete', id }], author)).toMatchObject([{ id, state: 'deleted' }]);
    const left = await listed();
    expect(left.map(({ title }) => title)).toEqual(['Call Ana again', 'Stay']);
    expect(left.map((each) => each.id)).not.toContain(id);
  });

  test('that makes a task makes one, though it comes again while the first is still on its way', async () => {
    const note = openNote('# Tasks\n');
    const { present, changes, listed } = openTasks(place, note);
    const request = { key: 'once', fingerprint: 'the same' };
    const make = (id: string) =>
      changes.apply([{ op: 'create', id, change: { title: 'Call Ana' }, source: { path: PATH } }], author, request);
    await present.readNotes([PATH]);
    let late = '';
    note.loseNext((next) => {
      late = next;
    });
    await expect(make('first')).rejects.toMatchObject({ code: 'file-service-unavailable' });
    note.beforeWritten(() => {
      if (late !== '') note.save(late);
      late = '';
    });
    expect(await make('again')).toMatchObject([{ id: 'first', state: 'live', title: 'Call Ana' }]);
    expect(note.text()).toBe('# Tasks\n\n- [ ] Call Ana\n');
    expect((await listed()).map(({ id }) => id)).toEqual(['first']);
    expect(await make('once more')).toMatchObject([{ id: 'first' }]);
    expect(note.text()).toBe('# Tasks\n\n- [ ] Call Ana\n');
  });

  test('that makes a task has made it, though others have written there before anybody saw its line', async () => {
    const note = openNote('- [ ] Call Ben #soon\n');
    const { present, changes, listed } = openTasks(place, note);
    const make = (id: string) =>
      changes.apply([{ op: 'create', id, change: { title: 'Call Ana' }, source: { path: PATH } }], author, {
        key: 'once',
        fingerprint: 'the same',
      });
    await present.readNotes([PATH]);
    note.loseNext(() => note.save('- [ ] Call Ana #phone\n'));
    await expect(make('first')).rejects.toMatchObject({ code: 'file-service-unavailable' });
    expect(note.text()).toBe('- [ ] Call Ana #phone\n');
    await present.readNotes([PATH]);
    expect((await listed()).map(({ id }) => id)).toEqual(['first']);
    expect(await make('again')).toMatchObject([{ id: 'first', state: 'live', tags: ['#phone'] }]);
    expect(note.text()).toBe('- [ ] Call Ana #phone\n');
  });
});
