import type { Task } from '@weave-nn/clients';
import type { Api } from '@weave-nn/testing';
import type { Random } from '../../generate/random.ts';
import { countRefused, type Tally } from '../crash/tally.ts';

/** What a task must be: the words after its mark, and its status. */
interface Wanted {
  title: string;
  status: Task['status'];
}

interface Pending {
  kind: string;
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
  /** The mark of its task, and what the task is when it was done; null when it is gone. */
  mark: string;
  after: Wanted | null;
}

interface Known extends Wanted {
  id: string;
}

const json = { 'content-type': 'application/json' };

/** The mark that a title begins with, and by which its lines are counted. */
export function markOf(title: string): string {
  return title.split(' ')[0] ?? '';
}

/** Somebody who makes, changes, completes and deletes tasks in notes that all clients share, and knows what must be. */
export function createTaskClient(options: { name: string; notes: readonly string[]; random: Random }) {
  const { name, notes, random } = options;
  const tasks = new Map<string, Known>();
  let pending: Pending | undefined;
  let counter = 0;

  function choose(): Pending {
    const known = [...tasks.entries()];
    const open = known.filter(([, { status }]) => status === 'todo');
    const draw = random.next();
    counter++;
    if (known.length < 5 || draw < 0.3) {
      const title = `${name}-${counter} first`;
      const body = JSON.stringify({ title, priority: 'high', source: { path: random.pick(notes) } });
      const headers = { ...json, 'idempotency-key': `${name}-${counter}` };
      const after: Wanted = { title, status: 'todo' };
      return { kind: 'create', method: 'POST', url: '/v1/tasks', headers, body, mark: markOf(title), after };
    }
    const [mark, { id, status }] = random.pick(draw < 0.5 && open.length > 0 ? open : known);
    const url = `/v1/tasks/${id}`;
    if (draw < 0.4) return { kind: 'delete', method: 'DELETE', url, headers: {}, body: '', mark, after: null };
    if (draw < 0.55 && status === 'todo') {
      const { title } = tasks.get(mark) as Known;
      const after: Wanted = { title, status: 'done' };
      return { kind: 'complete', method: 'POST', url: `${url}/complete`, headers: {}, body: '', mark, after };
    }
    const title = `${mark} version ${counter}`;
    return {
      kind: 'change',
      method: 'PATCH',
      url,
      headers: json,
      body: JSON.stringify({ title }),
      mark,
      after: { title, status },
    };
  }

  function record({ mark, after }: Pending, answer: string) {
    if (after === null) tasks.delete(mark);
    else tasks.set(mark, { ...after, id: tasks.get(mark)?.id ?? (JSON.parse(answer) as Task).id });
  }

  async function send(api: Api, wanted: Pending, tally: Tally): Promise<'done' | 'refused' | 'unanswered'> {
    pending = wanted;
    tally.sent++;
    const { method, url, headers, body, kind } = wanted;
    const answer = await api.call(url, { method, headers, ...(body === '' ? {} : { body }) }).catch(() => null);
    if (!answer) {
      tally.unanswered++;
      return 'unanswered';
    }
    if (answer.status >= 500) {
      countRefused(tally, `${kind}:${answer.status} ${answer.json.code}`);
      return 'unanswered';
    }
    pending = undefined;
    if (answer.status >= 400) {
      countRefused(tally, `${kind}:${answer.status} ${answer.json.code}`);
      return 'refused';
    }
    tally.acknowledged++;
    record(wanted, answer.text);
    return 'done';
  }

  return {
    async work(api: Api, tally: Tally, goesOn: () => boolean): Promise<void> {
      while (goesOn()) if ((await send(api, choose(), tally)) === 'unanswered') return;
    },

    /**
     * Sends what was under way again, and compares all tasks with what they must be.
     *
     * @param lines how many lines each mark has in the vault
     */
    async check(api: Api, tally: Tally, linesOf: () => ReadonlyMap<string, number>): Promise<void> {
      const again = pending;
      if (again?.kind === 'create' && (await send(api, again, tally)) !== 'done') {
        tally.odd.push(`${name}: the repeated ${again.kind} was not acknowledged`);
      }
      const lines = linesOf();
      for (const [mark, { id, title, status }] of tasks) {
        const answer = await api.call(`/v1/tasks/${id}`);
        const isPending = again?.mark === mark;
        const found: Wanted | null = answer.status === 200 ? answer.json : null;
        const isAs = (wanted: Wanted | null) => found?.title === wanted?.title && found?.status === wanted?.status;
        if (!isAs({ title, status }) && !(isPending && isAs(again.after))) {
          tally.lost.push(`${mark} (${id}) should be ${status} "${title}", is ${found?.status} "${found?.title}"`);
        }
        const count = lines.get(mark) ?? 0;
        if (count !== (found ? 1 : 0)) (count > 1 ? tally.doubled : tally.lost).push(`${mark} has ${count} lines`);
        if (isPending && found === null) tasks.delete(mark);
        else if (isPending && found) tasks.set(mark, { id, title: found.title, status: found.status });
      }
      pending = undefined;
    },

    marks: () => new Set(tasks.keys()),
  };
}
