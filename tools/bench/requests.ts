import { hasCaughtUp } from '@weave-nn/clients';
import { type Api, encodePath, until } from '@weave-nn/testing';
import type { VaultPlan } from '../generate/plan.ts';

/** A route and what is asked of it the n-th time. */
export interface RouteRequests {
  /** As the description of the API names it, with its method. */
  route: string;
  /** Sent only every so many times, since nobody does it as often as the rest. */
  every?: number;
  path(time: number): string;
  /** The body: text as it is, anything else as JSON. */
  body?(time: number): unknown;
}

/** The ids of what was made for the requests, one for each time. */
interface Made {
  tasks: string[];
  spareTasks: string[];
  projects: string[];
  spareProjects: string[];
  spareKeys: string[];
  hash: string;
}

async function makeEach(count: number, make: (time: number) => Promise<string>): Promise<string[]> {
  const made: string[] = [];
  for (let time = 0; time < count; time++) made.push(await make(time));
  return made;
}

/** Makes what the requests read, change and delete. */
async function prepareRequests(api: Api, times: number): Promise<Made> {
  const idOf = async (path: string, body: unknown) => (await api.post(path, body)).json.id as string;
  const put = (path: string) => ({ op: 'put', path, content: `# ${path}\n\nSee [[Index]].\n` });
  const paths = Array.from({ length: times }, (_, time) => [`Bench/delete ${time}.md`, `Bench/from ${time}.md`]).flat();
  await api.post('/v1/files:batch', { operations: [...paths, 'Bench/Kept.md'].map(put) });
  await api.put('Bench/Kept.md', '# Kept\n\nAnew.\n');
  await api.post('/v1/git/commit', {});
  const task = () => makeEach(times, (time) => idOf('/v1/tasks', { title: `Task ${time}` }));
  const project = () => makeEach(times, (time) => idOf('/v1/projects', { name: `Project ${time}` }));
  const made = {
    tasks: await task(),
    spareTasks: await task(),
    projects: await project(),
    spareProjects: await project(),
    spareKeys: await makeEach(times, (time) => idOf('/v1/auth/keys', { name: `key ${time}`, role: 'reader' })),
    hash: (await api.call('/v1/versions/Bench/Kept.md')).json.items[0].hash,
  };
  await until('tasks and index have caught up', async () => {
    return hasCaughtUp((await api.call('/v1/system')).json);
  });
  return made;
}

/** A request for each route that answers at once, each to be sent so many times. */
export async function prepareMix(api: Api, plan: VaultPlan, times: number): Promise<RouteRequests[]> {
  const { tasks, spareTasks, projects, spareProjects, spareKeys, hash } = await prepareRequests(api, times);
  const word = (time: number) => encodeURIComponent(plan.vocabulary.words[400 + time * 7] ?? '');
  const note = (time: number) => encodePath(plan.notes[(time * 37) % plan.notes.length]?.path ?? '');
  const own = (name: string) => (time: number) => `/v1/files/Bench/${encodePath(`${name} ${time}.md`)}`;
  const at = (path: string) => () => path;
  const each =
    (path: string, ids: readonly string[], end = '') =>
    (time: number) =>
      `${path}/${ids[time]}${end}`;
  const text = (time: number) => `# Note ${time}\n\n- [ ] a task of it\n`;

  return [
    { route: 'GET /health', path: at('/health') },
    { route: 'GET /v1/files', path: at('/v1/files?limit=100') },
    { route: 'GET /v1/files/{path}', path: (time) => `/v1/files/${note(time)}` },
    { route: 'PUT /v1/files/{path}', path: own('put'), body: text },
    { route: 'POST /v1/files/{path}', path: own('post'), body: text },
    {
      route: 'PATCH /v1/files/{path}',
      path: at('/v1/files/Bench/Kept.md'),
      body: (time) => ({ target: { frontmatter: 'time' }, operation: 'replace', content: time, createIfMissing: true }),
    },
    { route: 'DELETE /v1/files/{path}', path: own('delete') },
    {
      route: 'POST /v1/files:move',
      path: at('/v1/files:move'),
      body: (time) => ({ from: `Bench/from ${time}.md`, to: `Bench/to ${time}.md` }),
    },
    {
      route: 'POST /v1/files:batch',
      path: at('/v1/files:batch'),
      body: (time) => ({
        operations: ['one', 'two'].map((name) => ({ op: 'put', path: `Bench/${name} ${time}.md`, content: 'x\n' })),
      }),
    },
    { route: 'GET /v1/versions/{path}', path: at('/v1/versions/Bench/Kept.md') },
    {
      route: 'POST /v1/versions:restore',
      path: at('/v1/versions:restore?dryRun=true'),
      body: () => ({ path: 'Bench/Kept.md', hash }),
    },
    { route: 'GET /v1/search', path: (time) => `/v1/search?q=${word(time)}` },
    { route: 'GET /v1/graph/backlinks/{path}', path: (time) => `/v1/graph/backlinks/${note(time)}` },
    { route: 'GET /v1/graph/links/{path}', path: (time) => `/v1/graph/links/${note(time)}` },
    { route: 'GET /v1/graph/neighbourhood/{path}', path: (time) => `/v1/graph/neighbourhood/${note(time)}` },
    { route: 'GET /v1/graph/orphans', path: at('/v1/graph/orphans') },
    { route: 'GET /v1/graph/unresolved', path: at('/v1/graph/unresolved') },
    { route: 'GET /v1/tags', path: at('/v1/tags') },
    { route: 'GET /v1/context/{path}', path: (time) => `/v1/context/${note(time)}` },
    { route: 'GET /v1/tasks', path: at('/v1/tasks?completed=false') },
    { route: 'POST /v1/tasks', path: at('/v1/tasks'), body: (time) => ({ title: `Made ${time}` }) },
    {
      route: 'POST /v1/tasks:batch',
      path: at('/v1/tasks:batch'),
      body: (time) => ({ operations: [{ op: 'create', task: { title: `In a batch ${time}` } }] }),
    },
    { route: 'GET /v1/tasks/{id}', path: each('/v1/tasks', tasks) },
    { route: 'PATCH /v1/tasks/{id}', path: each('/v1/tasks', tasks), body: (time) => ({ title: `Anew ${time}` }) },
    { route: 'DELETE /v1/tasks/{id}', path: each('/v1/tasks', spareTasks) },
    { route: 'POST /v1/tasks/{id}/complete', path: each('/v1/tasks', tasks, '/complete') },
    { route: 'POST /v1/tasks/{id}/reopen', path: each('/v1/tasks', tasks, '/reopen') },
    { route: 'GET /v1/tasks/{id}/comments', path: each('/v1/tasks', tasks, '/comments') },
    {
      route: 'POST /v1/tasks/{id}/comments',
      path: each('/v1/tasks', tasks, '/comments'),
      body: () => ({ body: 'A comment.' }),
    },
    { route: 'GET /v1/projects', path: at('/v1/projects') },
    { route: 'POST /v1/projects', path: at('/v1/projects'), body: (time) => ({ name: `Made ${time}` }) },
    { route: 'GET /v1/projects/{id}', path: each('/v1/projects', projects) },
    {
      route: 'PATCH /v1/projects/{id}',
      path: each('/v1/projects', projects),
      body: (time) => ({ name: `Anew ${time}` }),
    },
    { route: 'DELETE /v1/projects/{id}', path: each('/v1/projects', spareProjects) },
    { route: 'GET /v1/git/status', path: at('/v1/git/status') },
    { route: 'GET /v1/git/history', path: at('/v1/git/history') },
    { route: 'GET /v1/git/commits/{sha}', path: at('/v1/git/commits/HEAD') },
    { route: 'GET /v1/git/diff', path: at('/v1/git/diff?from=HEAD&to=HEAD') },
    { route: 'GET /v1/git/files/{path}', path: at('/v1/git/files/Bench/Kept.md?at=HEAD') },
    { route: 'GET /v1/git/blame/{path}', path: at('/v1/git/blame/Bench/Kept.md') },
    { route: 'POST /v1/git/commit', every: 2, path: at('/v1/git/commit'), body: () => ({}) },
    {
      route: 'POST /v1/git/restore',
      path: at('/v1/git/restore?dryRun=true'),
      body: () => ({ path: 'Bench/Kept.md', sha: 'HEAD' }),
    },
    { route: 'GET /v1/dlq', path: at('/v1/dlq') },
    { route: 'GET /v1/auth/keys', path: at('/v1/auth/keys') },
    { route: 'POST /v1/auth/keys', path: at('/v1/auth/keys'), body: () => ({ name: 'made', role: 'reader' }) },
    { route: 'DELETE /v1/auth/keys/{id}', path: each('/v1/auth/keys', spareKeys) },
    { route: 'GET /v1/system', path: at('/v1/system') },
  ];
}
