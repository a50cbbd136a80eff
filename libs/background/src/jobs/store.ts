// Hand-written SQL: the tables are part of every service's database, which each has a Prisma client of its own for.
import type { Database, Sql } from '@weave-nn/database';
import type { Job, JobState } from './job.ts';

interface JobRow {
  id: string;
  kind: string;
  input: string;
  caller: string;
  state: JobState;
  attempt: number;
  cancel_requested: number;
  steps: string;
  progress: string | null;
  result: string | null;
  error: string | null;
  created_at: number;
  started_at: number | null;
  heartbeat_at: number | null;
  ended_at: number | null;
}

const COLUMNS = `id, kind, input, caller, state, attempt, cancel_requested, steps, progress, result, error, created_at,
  started_at, heartbeat_at, ended_at`;

const parse = (text: string | null) => (text === null ? null : JSON.parse(text));
const format = (value: unknown) => (value === null ? null : JSON.stringify(value));

function toJob(row: JobRow): Job {
  return {
    id: row.id,
    kind: row.kind,
    input: JSON.parse(row.input),
    caller: JSON.parse(row.caller),
    state: row.state,
    attempt: row.attempt,
    isCancelRequested: row.cancel_requested === 1,
    steps: JSON.parse(row.steps),
    progress: parse(row.progress),
    result: parse(row.result),
    error: parse(row.error),
    createdAt: row.created_at,
    startedAt: row.started_at,
    heartbeatAt: row.heartbeat_at,
    endedAt: row.ended_at,
  };
}

/** Which jobs are listed. */
export interface JobFilter {
  kinds: readonly string[];
  state?: JobState | undefined;
  /** Only jobs that were added before the one with this id. */
  before?: string | undefined;
  limit: number;
}

/** The tables `background_job` and `background_schedule`, as the migrations of this library make them. */
export function createJobStore(database: Database, vaultId: string) {
  const { read } = database;
  const unfinished = 'WHERE vault_id = ? AND ended_at IS NULL';

  return {
    /** @returns false when an unfinished job has the same kind and key */
    async insert(sql: Sql, job: Job, key: string | null): Promise<boolean> {
      const inserted = await sql.run(
        `INSERT INTO background_job (vault_id, unique_key, ${COLUMNS})
         VALUES (?, ?, ?, ?, ?, ?, ?, 0, 0, '[]', NULL, NULL, NULL, ?, NULL, NULL, NULL)
         ON CONFLICT DO NOTHING`,
        vaultId,
        key,
        job.id,
        job.kind,
        JSON.stringify(job.input),
        JSON.stringify(job.caller),
        job.state,
        job.createdAt,
      );
      return inserted === 1;
    },

    async findUnfinished(sql: Sql, kind: string, key: string): Promise<Job | undefined> {
      const row = await sql.get<JobRow>(
        `SELECT ${COLUMNS} FROM background_job ${unfinished} AND kind = ? AND unique_key = ?`,
        vaultId,
        kind,
        key,
      );
      return row && toJob(row);
    },

    async find(id: string): Promise<Job | undefined> {
      const row = await read.get<JobRow>(
        `SELECT ${COLUMNS} FROM background_job WHERE vault_id = ? AND id = ?`,
        vaultId,
        id,
      );
      return row && toJob(row);
    },

    /** The newest first. */
    async list({ kinds, state, before, limit }: JobFilter): Promise<Job[]> {
      if (kinds.length === 0) return [];
      const conditions = [`kind IN (${kinds.map(() => '?').join(', ')})`];
      const values = [...kinds];
      if (state !== undefined) {
        conditions.push('state = ?');
        values.push(state);
      }
      if (before !== undefined) {
        conditions.push('id < ?');
        values.push(before);
      }
      const rows = await read.all<JobRow>(
        `SELECT ${COLUMNS} FROM background_job WHERE vault_id = ? AND ${conditions.join(' AND ')} ORDER BY id DESC LIMIT ?`,
        vaultId,
        ...values,
        limit,
      );
      return rows.map(toJob);
    },

    /** Those that are to be worked on, the oldest first. */
    async unfinished(limit: number): Promise<Job[]> {
      const rows = await read.all<JobRow>(
        `SELECT ${COLUMNS} FROM background_job ${unfinished} ORDER BY id LIMIT ?`,
        vaultId,
        limit,
      );
      return rows.map(toJob);
    },

    /** Stores everything that changes while a job runs, except for what `requestCancel` and `insert` wrote. */
    async save(sql: Sql, job: Job): Promise<void> {
      await sql.run(
        `UPDATE background_job SET state = ?, attempt = ?, steps = ?, progress = ?, result = ?, error = ?, started_at = ?,
           heartbeat_at = ?, ended_at = ? WHERE id = ?`,
        job.state,
        job.attempt,
        JSON.stringify(job.steps),
        format(job.progress),
        format(job.result),
        format(job.error),
        job.startedAt,
        job.heartbeatAt,
        job.endedAt,
        job.id,
      );
    },

    /** @returns false when the job has ended, or there is none */
    async requestCancel(id: string): Promise<boolean> {
      const changed = await database.transaction((sql) =>
        sql.run(`UPDATE background_job SET cancel_requested = 1 ${unfinished} AND id = ?`, vaultId, id),
      );
      return changed === 1;
    },

    /** Deletes what ended before a time, in milliseconds since 1970. */
    async prune(before: number): Promise<void> {
      await database.transaction((sql) => sql.run('DELETE FROM background_job WHERE ended_at < ?', before));
    },

    /** The due time up to which a schedule has started everything; undefined for one that is new. */
    async doneUntil(name: string): Promise<number | undefined> {
      const row = await read.get<{ done_until: number }>(
        'SELECT done_until FROM background_schedule WHERE vault_id = ? AND name = ?',
        vaultId,
        name,
      );
      return row?.done_until;
    },

    async saveSchedule(sql: Sql, name: string, doneUntil: number, lastJob: string | null): Promise<void> {
      await sql.run(
        `INSERT INTO background_schedule (vault_id, name, done_until, last_job) VALUES (?, ?, ?, ?)
         ON CONFLICT (vault_id, name) DO UPDATE
         SET done_until = excluded.done_until, last_job = COALESCE(excluded.last_job, background_schedule.last_job)`,
        vaultId,
        name,
        doneUntil,
        lastJob,
      );
    },

    /** Every schedule that has been looked at, with the job that it started last. */
    schedules(): Promise<{ name: string; doneUntil: number; lastJob: string | null }[]> {
      return read.all(
        'SELECT name, done_until AS "doneUntil", last_job AS "lastJob" FROM background_schedule WHERE vault_id = ?',
        vaultId,
      );
    },
  };
}

export type JobStore = ReturnType<typeof createJobStore>;
