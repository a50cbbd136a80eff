import { ChangeProjectRequest, CreateProjectRequest, PageQuery, Project, ProjectPage } from '@weave-nn/clients';
import { type Runtime, Type } from '@weave-nn/config';
import type { App } from '@weave-nn/service';
import type { Days } from '../domain/days.ts';
import { decodeIdCursor, encodeCursor } from '../domain/listing.ts';
import { storable } from '../domain/storable.ts';
import { TaskError } from '../errors.ts';
import type { ProjectStore } from '../store/projects.ts';
import type { Transactions } from '../store/transaction.ts';

const DEFAULT_LIMIT = 100;
const tags = ['tasks'];
const params = Type.Object({ id: Type.String() });

export interface ProjectRoutes {
  projects: ProjectStore;
  database: Transactions;
  runtime: Runtime;
  days: Days;
}

/** `/v1/projects`: what tasks can belong to. A task that names one that nobody made makes it. */
export function projectRoutes(app: App, { projects, database, runtime, days }: ProjectRoutes): void {
  const now = () => new Date(runtime.now()).toISOString();

  async function find(id: string): Promise<Project> {
    const project = await projects.find(storable(id), days.today());
    if (!project) throw new TaskError('project-not-found', `there is no project ${id}`);
    return project;
  }

  app.get('/v1/projects', {
    schema: {
      summary: 'List projects and how many tasks each has',
      tags,
      querystring: Type.Object(PageQuery, { additionalProperties: false }),
      response: { 200: ProjectPage },
    },
    async handler({ query: { cursor, limit = DEFAULT_LIMIT } }) {
      const found = await projects.list(decodeIdCursor(cursor), limit + 1, days.today());
      const items = found.slice(0, limit);
      return { items, nextCursor: found.length > limit ? encodeCursor(items.at(-1)?.id) : null };
    },
  });
  app.post('/v1/projects', {
    schema: { summary: 'Make a project', tags, body: CreateProjectRequest, response: { 201: Project } },
    async handler({ body: { id: given, name, description = null } }, reply) {
      const id = storable(given ?? runtime.uuid());
      const project = { id, name: storable(name), description: description === null ? null : storable(description) };
      await database.transaction((transaction) => projects.add(transaction, project, now()));
      reply.code(201);
      return find(id);
    },
  });
  app.get('/v1/projects/:id', {
    schema: { summary: 'A project', tags, params, response: { 200: Project } },
    handler: ({ params: { id } }) => find(id),
  });
  app.patch('/v1/projects/:id', {
    schema: {
      summary: 'Change a project',
      description: 'A JSON Merge Patch (RFC 7396).',
      tags,
      params,
      body: ChangeProjectRequest,
      response: { 200: Project },
    },
    async handler({ params: { id }, body: { name, description } }) {
      const change = {
        name: name === undefined ? undefined : storable(name),
        description: typeof description === 'string' ? storable(description) : description,
      };
      await database.transaction((transaction) => projects.update(transaction, storable(id), change, now()));
      return find(id);
    },
  });
  app.delete('/v1/projects/:id', {
    schema: { summary: 'Delete a project that has no tasks', tags, params, response: { 204: Type.Null() } },
    async handler({ params: { id } }, reply) {
      const removed = await database.transaction(({ sql }) => projects.remove(sql, storable(id)));
      if (!removed) {
        const { counts } = await find(id);
        throw new TaskError('project-has-tasks', `project ${id} has ${counts.total} tasks; move them to another first`);
      }
      return reply.code(204).send(null);
    },
  });
}
