import { type Environment, readSettings } from '@weave-nn/config';
import type { ServiceDefinition } from '../definition.ts';
import { openDataDirectory } from './data-directory.ts';
import { chooseDataDirectory, chooseMounted, databaseUrlOf } from './deployment.ts';
import { ProcessSettings } from './process-settings.ts';
import { migrateStore, openStore } from './store.ts';

/** What became of one service's tables. */
export interface MigratedService {
  service: string;
  /** The names of the files that were run, in their order. */
  applied: string[];
}

/**
 * Brings the tables of services up to date and ends, so that many copies can start afterwards with
 * `MIGRATE_ON_START=false`. Needs the database only: no broker, no other service, no vault.
 *
 * @throws SettingError for a wrong setting, StartError while a process works on the data directory, DatabaseError when a
 * migration fails
 */
export async function migrateServices(
  definitions: readonly ServiceDefinition[],
  environment: Environment,
): Promise<MigratedService[]> {
  const settings = readSettings(ProcessSettings, environment);
  const mounted = chooseMounted(definitions, settings.MOUNT);
  const dataDir = chooseDataDirectory(settings, mounted, environment);
  const directory = openDataDirectory(dataDir);
  const results: MigratedService[] = [];
  try {
    for (const definition of mounted) {
      const databaseUrl = databaseUrlOf(definition.name, settings, environment);
      const database = await openStore(definition, { dataDir, databaseUrl, poolSize: settings.DATABASE_POOL_SIZE });
      if (database === undefined) continue;
      try {
        results.push({ service: definition.name, applied: await migrateStore(definition, database) });
      } finally {
        await database.close();
      }
    }
  } finally {
    directory.release();
  }
  return results;
}

/** A line for each service, for people and logs. */
export function describeMigrated(results: readonly MigratedService[]): string {
  const lines = results.map(
    ({ service, applied }) => `${service}: ${applied.length === 0 ? 'up to date' : `ran ${applied.join(', ')}`}\n`,
  );
  return lines.join('');
}
