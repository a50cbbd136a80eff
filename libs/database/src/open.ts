import type { Database } from './database.ts';
import { type DatabaseOptions, locateDatabase } from './options.ts';
import { openSqlite } from './sqlite/database.ts';

/**
 * Opens the database of one service.
 *
 * @throws DatabaseError `database-url-invalid` for a URL of neither kind; `database-unreachable`, `database-damaged`,
 * `database-read-only`, `database-busy` or `disk-full`, naming the file or the server, when it cannot be used.
 */
export async function openDatabase<Client = unknown>(options: DatabaseOptions): Promise<Database<Client>> {
  const location = locateDatabase(options.url);
  if (location.provider === 'sqlite') return openSqlite(location.file, options);
  const { openPostgresql } = await import('./postgresql/database.ts');
  return openPostgresql(location.url, options);
}
