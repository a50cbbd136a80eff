import type { Database } from './database.ts';

/** Runs whole scripts (several statements in one text), as migrations need; only inside this library. */
export interface ScriptConnection {
  /** The PostgreSQL schema that tables are created in. */
  readonly schema?: string;
  query(text: string): Promise<Record<string, unknown>[]>;
  script(text: string): Promise<void>;
}

/** Runs `work` in one transaction of its own that no other process runs at the same time. */
export type RunScripts = <Result>(work: (connection: ScriptConnection) => Promise<Result>) => Promise<Result>;

const runners = new WeakMap<object, RunScripts>();

/** Tells how scripts run on a database. */
export function offerScripts(database: Database<unknown>, runScripts: RunScripts): void {
  runners.set(database, runScripts);
}

/** How scripts run on a database that `openDatabase` opened. */
export function scriptsOf(database: object): RunScripts | undefined {
  return runners.get(database);
}
