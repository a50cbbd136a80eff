import { ClientError, NoteContext, type Task } from '@weave-nn/clients';
import { type Runtime, Type } from '@weave-nn/config';
import { type App, type Clients, inCallContext, ProblemError, StartError } from '@weave-nn/service';
import { normaliseVaultPath } from '@weave-nn/vault';

const TIMEOUT = 5_000;
const MOST_BACKLINKS = 100;
const MOST_TASKS = 1000;
const MOST_COMMITS = 10;

/** Whether a service is away, or not a part of this system. */
function isAway(error: unknown): boolean {
  return error instanceof ClientError ? error.status >= 500 : error instanceof StartError;
}

/** A part of the answer, or that its service is away. */
async function part<Value>(name: string, value: Promise<Value>, unavailable: string[]): Promise<Value | null> {
  try {
    return await value;
  } catch (error) {
    if (!isAway(error)) throw error;
    unavailable.push(name);
    return null;
  }
}

/** What the index does not know yet has no backlinks that it could tell of; a vault without history has no commits. */
async function orNone<Item>(items: Promise<Item[]>, code: string): Promise<Item[]> {
  try {
    return await items;
  } catch (error) {
    if (error instanceof ClientError && error.code === code) return [];
    throw error;
  }
}

/** `/v1/context`: a note with all that the services know about it. */
export function contextRoutes(app: App, { clients, runtime }: { clients: Clients; runtime: Runtime }): void {
  async function tasksOf(path: string): Promise<Task[]> {
    const { items } = await clients.task.list({ path, limit: MOST_TASKS });
    return items.sort((one, other) => (one.source?.line ?? 0) - (other.source?.line ?? 0));
  }

  app.get('/v1/context/*', {
    schema: {
      summary: 'A note, its backlinks, tasks and recent commits',
      description: 'A part whose service is away is null, and named in `unavailable`.',
      tags: ['context'],
      params: Type.Object({ '*': Type.String() }),
      response: { 200: NoteContext },
    },
    async handler({ params, principal, id: requestId }) {
      const path = normaliseVaultPath((params as { '*': string })['*']);
      const unavailable: string[] = [];
      const deadline = runtime.monotonic() + TIMEOUT;
      const [note, backlinks, tasks, commits] = await inCallContext({ principal, requestId, deadline }, () =>
        Promise.all([
          part('note', clients.file.note(path), unavailable),
          part('backlinks', orNone(clients.mcpSync.backlinks(path, MOST_BACKLINKS), 'note-not-found'), unavailable),
          part('tasks', tasksOf(path), unavailable),
          part('commits', orNone(clients.git.history(path, MOST_COMMITS), 'repository-missing'), unavailable),
        ]),
      ).catch((error: unknown) => {
        if (error instanceof ClientError) throw new ProblemError(error.status, error.code, error.message);
        throw error;
      });
      return { path, note, backlinks, tasks, commits, unavailable };
    },
  });
}
