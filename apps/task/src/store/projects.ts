import type { Project } from '@weave-nn/clients';
import { type Database, isUniqueViolation, type Sql } from '@weave-nn/database';
import { TaskError } from '../errors.ts';

interface ProjectRow {
  id: string;
  name: string;
  description: string | null;
  created_at: string;
  updated_at: string;
}

interface CountRow {
  project_id: string;
  status: keyof Project['counts'];
  total: number;
  overdue: number;
}

const none = { total: 0, todo: 0, in_progress: 0, done: 0, cancelled: 0, overdue: 0 };

/** The projects that tasks belong to, and how many of each there are. */
export function createProjectStore(database: Database, vaultId: string) {
  async function withCounts(rows: readonly ProjectRow[], today: string): Promise<Project[]> {
    const counts = new Map<string, Project['counts']>(rows.map(({ id }) => [id, { ...none }]));
    if (rows.length > 0) {
      const counted = await database.read.all<CountRow>(
        `SELECT project_id, status, count(*) AS total,
           sum(CASE WHEN due_key < ? AND status IN ('todo', 'in_progress') THEN 1 ELSE 0 END) AS overdue
         FROM task WHERE vault_id = ? AND state = 'live' AND project_id IN (${rows.map(() => '?').join(', ')})
         GROUP BY project_id, status`,
        today,
        vaultId,
        ...rows.map(({ id }) => id),
      );
      for (const { project_id, status, total, overdue } of counted) {
        const project = counts.get(project_id);
        if (!project) continue;
        project[status] = total;
        project.total += total;
        project.overdue += Number(overdue);
      }
    }
    return rows.map(({ id, name, description, created_at, updated_at }) => ({
      id,
      name,
      description,
      createdAt: created_at,
      updatedAt: updated_at,
      counts: counts.get(id) ?? { ...none },
    }));
  }

  return {
    /** Projects with an id after this one, in the order of their ids. */
    async list(after: string, limit: number, today: string): Promise<Project[]> {
      const rows = await database.read.all<ProjectRow>(
        'SELECT * FROM project WHERE vault_id = ? AND id > ? ORDER BY id LIMIT ?',
        vaultId,
        after,
        limit,
      );
      return withCounts(rows, today);
    },

    async find(id: string, today: string): Promise<Project | undefined> {
      const rows = await database.read.all<ProjectRow>(
        'SELECT * FROM project WHERE vault_id = ? AND id = ?',
        vaultId,
        id,
      );
      return (await withCounts(rows, today))[0];
    },

    /** @throws TaskError `project-exists` */
    async add(sql: Sql, project: Pick<Project, 'id' | 'name' | 'description'>, now: string): Promise<void> {
      try {
        await sql.run(
          'INSERT INTO project (vault_id, id, name, description, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?)',
          vaultId,
          project.id,
          project.name,
          project.description,
          now,
          now,
        );
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        throw new TaskError('project-exists', `there is a project ${project.id} already`, { cause: error });
      }
    },

    /** Makes a project that a task names and nobody made. */
    async makeSure(sql: Sql, id: string, now: string): Promise<void> {
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

    /** Whether there was such a project. */
    async update(
      sql: Sql,
      id: string,
      change: { name?: string | undefined; description?: string | null | undefined },
      now: string,
    ): Promise<boolean> {
      const changed = await sql.run(
        `UPDATE project SET name = coalesce(?, name), description = CASE WHEN ? = 1 THEN ? ELSE description END,
           updated_at = ? WHERE vault_id = ? AND id = ?`,
        change.name ?? null,
        change.description === undefined ? 0 : 1,
        change.description ?? null,
        now,
        vaultId,
        id,
      );
      return changed > 0;
    },

    /** Whether there was such a project, without tasks. */
    async remove(sql: Sql, id: string): Promise<boolean> {
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
