import type { Database } from '../database.ts';
import { DatabaseError } from '../errors.ts';
import type { DatabaseOptions } from '../options.ts';

/** Opens a PostgreSQL database. */
export async function openPostgresql<Client>(
  _url: string,
  _options: DatabaseOptions<Client>,
): Promise<Database<Client>> {
  throw new DatabaseError('database-unreachable', 'PostgreSQL is not supported; use a file: URL');
}
