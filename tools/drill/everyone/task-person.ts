import { setTimeout } from 'node:timers/promises';
import type { Edit } from './ledger.ts';
import { type Answered, json, type PersonOptions, type Request } from './request.ts';

const MAX_PAUSE_MS = 100;
const MOST = 8;
const FEWEST = 4;

/** The heading under which tasks that are made over HTTP stand. */
export const REQUESTS = 'Requests';

interface Known {
  line: string;
  id: string;
  path: string;
  isDone: boolean;
}

/** Somebody who makes, changes, completes and deletes tasks in shared notes over HTTP. */
export function createTaskPerson({ by, notes, random, ledger, send }: PersonOptions) {
  const tasks = new Map<string, Known>();

  /** What was refused was not done, unless it was sent before without an answer. */
  function settle(edit: Edit, { answer, isRepeated }: Answered): boolean {
    const isDone = answer.status < 400;
    if (isDone) ledger.done(edit);
    else {
      tasks.delete(edit.line);
      if (!isRepeated) ledger.drop(edit);
    }
    return isDone;
  }

  async function create(): Promise<void> {
    const line = ledger.newLine(by);
    const path = random.pick(notes);
    const { edit, title } = ledger.beginVersion(by, path, line);
    const answered = await send({
      kind: 'create',
      method: 'POST',
      url: '/v1/tasks',
      headers: { ...json, 'idempotency-key': line },
      body: JSON.stringify({
        title,
        priority: 'high',
        dueDate: '2027-01-01',
        source: { path, heading: REQUESTS },
      }),
    });
    if (!settle(edit, answered)) return;
    const { id } = answered.answer.json;
    tasks.set(line, { line, id, path, isDone: false });
    ledger.taskIds.set(line, id);
  }

  async function change(known: Known, completes: boolean): Promise<void> {
    const { line, id, path } = known;
    const { edit, title } = ledger.beginVersion(by, path, line);
    const body = JSON.stringify({ title, ...(completes ? { status: 'done' } : {}) });
    const request: Request = { kind: 'change', method: 'PATCH', url: `/v1/tasks/${id}`, headers: json, body };
    if (settle(edit, await send(request)) && completes) known.isDone = true;
  }

  async function complete(known: Known): Promise<void> {
    const { line, id, path } = known;
    known.isDone = true;
    const edit = ledger.begin({ by, line, path, kind: 'completion', word: '', version: 0 });
    settle(edit, await send({ kind: 'complete', method: 'POST', url: `/v1/tasks/${id}/complete` }));
  }

  async function remove({ line, id, path }: Known): Promise<void> {
    tasks.delete(line);
    const edit = ledger.begin({ by, line, path, kind: 'removal', word: '', version: 0 });
    settle(edit, await send({ kind: 'delete', method: 'DELETE', url: `/v1/tasks/${id}` }));
  }

  function next(): Promise<void> {
    const known = [...tasks.values()];
    const draw = random.next();
    if (known.length < FEWEST || (draw < 0.25 && known.length < MOST)) return create();
    const one = random.pick(known);
    if (draw < 0.4) return remove(one);
    if (draw < 0.5 && !one.isDone) return complete(one);
    return change(one, draw < 0.58);
  }

  return async (): Promise<void> => {
    while (ledger.goesOn()) {
      await next();
      await setTimeout(random.integer(0, MAX_PAUSE_MS));
    }
  };
}
