import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import type { Database } from './database.ts';
import { DatabaseError } from './errors.ts';

/**
 * The constructor of a generated Prisma client. The types of the SQLite and the PostgreSQL client of one schema differ
 * in what only PostgreSQL can do, so that a service names the SQLite one as its `Client` and may load either.
 */
export type ClientConstructor = new (options: { adapter: SqlDriverAdapterFactory }) => unknown;

export interface DatabaseOptions {
  /** `file:/absolute/path.db` or `postgresql://user:password@host:port/database`. */
  url: string;
  /** PostgreSQL only: the schema of the service, created when missing. Lower-case letters, digits and `_`. */
  schema?: string;
  /** Imports the generated Prisma client of that provider; called at the first use of Prisma. */
  loadClient?: (provider: Database['provider']) => Promise<ClientConstructor>;
  /** SQLite only: a module that calls `serveThread`, for procedures; without it they are done where everything else is. */
  thread?: URL;
  /** PostgreSQL only: the most connections that are open at once; 10 unless told. */
  poolSize?: number;
  /**
   * PostgreSQL only: milliseconds after which a statement is cancelled, a wait for a lock after two thirds, and after
   * which a transaction is ended that nobody goes on with; 30,000.
   */
  statementTimeoutMs?: number;
}

export type DatabaseLocation = { provider: 'sqlite'; file: string } | { provider: 'postgresql'; url: string };

/**
 * Reads a database URL.
 *
 * @throws DatabaseError `database-url-invalid` when it names neither a file nor a PostgreSQL server.
 */
export function locateDatabase(url: string): DatabaseLocation {
  if (url.startsWith('file:')) {
    const file = url.startsWith('file://') ? fileURLToPath(url) : resolve(url.slice('file:'.length));
    if (url !== 'file:' && !url.includes(':memory:')) return { provider: 'sqlite', file };
  } else if (/^postgres(?:ql)?:\/\//.test(url) && URL.canParse(url)) {
    return { provider: 'postgresql', url };
  }
  throw new DatabaseError(
    'database-url-invalid',
    `A database URL is file:/path/to/file.db or postgresql://user@host:port/database, not ${withoutPassword(url)}`,
  );
}

/** The URL as it may stand in a log. */
export function withoutPassword(url: string): string {
  return url.replace(/(:\/\/[^:@/]*):[^@/]*@/, '$1@');
}
