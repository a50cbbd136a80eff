import { ClientError, type Clients, NoteContext, type Task } from '@weave-nn/clients';
import { type Runtime, Type } from '@weave-nn/config';
import { type App, inCallContext, StartError } from '@weave-nn/service';
import { isNote, normaliseVaultPath } from '@weave-nn/vault';
import { type Caller, lackOf } from '../domain/access.ts';
import { needOf } from '../domain/route-table.ts';
import { callServices, GatewayError } from '../errors.ts';

const TIMEOUT = 5_000;
const MAX_BACKLINKS = 100;
const MAX_TASKS = 1000;
const MAX_COMMITS = 10;

/** Whether a service is away, or not a part of this system. */
function isAway(error: unknown): boolean {
  return error instanceof ClientError ? error.status >= 500 : error instanceof StartError;
}

/** The route that answers each part by itself: a part is for those only who may ask that route. */
const partRoutes = {
  note: '/v1/files/*',
  backlinks: '/v1/graph/*',
  tasks: '/v1/tasks',
  commits: '/v1/git/*',
} as const;

type Part = keyof typeof partRoutes;

function mayRead(caller: Caller, part: Part): boolean {
  const need = needOf('GET', partRoutes[part]);
  return need !== undefined && need !== 'nothing' && lackOf(caller, need) === undefined;
}

/** Reads the parts of one answer, and notes those that are missing with the reason. */
function createParts(caller: Caller) {
  const unavailable: Part[] = [];
  const forbidden: Part[] = [];
  async function read<Value>(part: Part, ask: () => Promise<Value>): Promise<Value | null> {
    if (!mayRead(caller, part)) {
      forbidden.push(part);
      return null;
    }
    try {
      return await ask();
    } catch (error) {
      if (!isAway(error)) throw error;
      unavailable.push(part);
      return null;
    }
  }
  return { unavailable, forbidden, read };
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
    const { items } = await clients.task.list({ path, limit: MAX_TASKS });
    return items.sort((one, other) => (one.source?.line ?? 0) - (other.source?.line ?? 0));
  }

  app.get('/v1/context/*', {
    schema: {
      summary: 'A note, its backlinks, tasks and recent commits',
      description:
        'Each part needs the scope of the route that answers it alone: `files:read`, `search:read`, `tasks:read`, `git:read`. A part whose scope the key lacks is null, and named in `forbidden`; one whose service is away is null, and named in `unavailable`.',
      tags: ['context'],
      params: Type.Object({ '*': Type.String() }),
      response: { 200: NoteContext },
    },
    async handler({ params, caller, principal, id: requestId }) {
      const path = normaliseVaultPath((params as { '*': string })['*']);
      if (!isNote(path)) throw new GatewayError('not-a-note', `${path} is not a markdown note`);
      const { unavailable, forbidden, read } = createParts(caller);
      const deadline = runtime.monotonic() + TIMEOUT;
      const readParts = () =>
        Promise.all([
          read('note', () => clients.file.note(path)),
          read('backlinks', () => orNone(clients.mcpSync.backlinks(path, MAX_BACKLINKS), 'note-not-found')),
          read('tasks', () => tasksOf(path)),
          read('commits', () => orNone(clients.git.history(path, MAX_COMMITS), 'repository-missing')),
        ]);
      const [note, backlinks, tasks, commits] = await inCallContext({ principal, requestId, deadline }, () =>
        callServices(readParts),
      );
      return { path, note, backlinks, tasks, commits, unavailable, forbidden };
    },
  });
}
