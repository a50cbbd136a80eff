// Statements for what must be decided and written in one: a project that is made unless it is there, and removed unless
// it has tasks.
import type { Project } from '@weave-nn/clients';
import { isUniqueViolation } from '@weave-nn/database';
import type { Project as Row } from '../../prisma/generated/sqlite/client.ts';
import { TaskError } from '../errors.ts';
import type { TaskDatabase } from './client.ts';
import type { Statements, Transaction } from './transaction.ts';

const none = { total: 0, todo: 0, in_progress: 0, done: 0, cancelled: 0, overdue: 0 };

/** The projects that tasks belong to, and how many of each there are. */
export function createProjectStore(database: TaskDatabase, vaultId: string) {
  async function withCounts(rows: readonly Row[], today: string): Promise<Project[]> {
    const counts = new Map<string, Project['counts']>(rows.map(({ id }) => [id, { ...none }]));
    if (rows.length > 0) {
      const { task } = await database.prisma();
      const live = { vaultId, state: 'live', projectId: { in: [...counts.keys()] } };
      const [counted, overdue] = await Promise.all([
        task.groupBy({ by: ['projectId', 'status'], where: live, _count: true }),
        task.groupBy({
          by: ['projectId'],
          where: { ...live, dueKey: { lt: today }, status: { in: ['todo', 'in_progress'] } },
          _count: true,
        }),
      ]);
      for (const { projectId, status, _count } of counted) {
        const project = counts.get(projectId ?? '');
        if (!project) continue;
        project[status as keyof Project['counts']] = _count;
        project.total += _count;
      }
      for (const { projectId, _count } of overdue) {
        const project = counts.get(projectId ?? '');
        if (project) project.overdue = _count;
      }
    }
    return rows.map(({ vaultId: _vault, ...project }) => ({
      ...project,
      counts: counts.get(project.id) ?? { ...none },
    }));
  }

  return {
    /** Projects with an id after this one, in the order of their ids. */
    async list(after: string, limit: number, today: string): Promise<Project[]> {
      const { project } = await database.prisma();
      const where = { vaultId, id: { gt: after } };
      return withCounts(await project.findMany({ where, orderBy: { id: 'asc' }, take: limit }), today);
    },

    async find(id: string, today: string): Promise<Project | undefined> {
      const { project } = await database.prisma();
      return (await withCounts(await project.findMany({ where: { vaultId, id } }), today))[0];
    },

    /** @throws TaskError `project-exists` */
    async add(
      { prisma }: Transaction,
      project: Pick<Project, 'id' | 'name' | 'description'>,
      now: string,
    ): Promise<void> {
      try {
        await prisma.project.create({ data: { ...project, vaultId, createdAt: now, updatedAt: now } });
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        throw new TaskError('project-exists', `there is a project ${project.id} already`, { cause: error });
      }
    },

    /** Makes a project that a task names and nobody made. */
    async makeSure(sql: Statements, id: string, now: string): Promise<void> {
      await sql.run(
        `INSERT INTO project (vault_id, id, name, description, created_at, updated_at) VALUES (?, ?, ?, NULL, ?, ?)
         ON CONFLICT (vault_id, id) DO NOTHING`,
        vaultId,
        id,
        id,
        now,
        now,
      );
    },

    /** Whether there was such a project. What is undefined stays as it is. */
    async update(
      { prisma }: Transaction,
      id: string,
      { name, description }: { name?: string | undefined; description?: string | null | undefined },
      updatedAt: string,
    ): Promise<boolean> {
      const data = {
        updatedAt,
        ...(name === undefined ? {} : { name }),
        ...(description === undefined ? {} : { description }),
      };
      return (await prisma.project.updateMany({ where: { vaultId, id }, data })).count > 0;
    },

    /** Whether there was such a project, without tasks. */
    async remove(sql: Statements, id: string): Promise<boolean> {
      const removed = await sql.run(
        `DELETE FROM project WHERE vault_id = ? AND id = ? AND NOT EXISTS
           (SELECT 1 FROM task WHERE task.vault_id = project.vault_id AND state = 'live' AND project_id = project.id)`,
        vaultId,
        id,
      );
      return removed > 0;
    },
  };
}

export type ProjectStore = ReturnType<typeof createProjectStore>;
