import type { Environment } from '@weave-nn/config';
import { describeMigrated, migrateServices } from '@weave-nn/service';
import { services } from '../services.ts';

/** Brings the tables of every service up to date. */
export async function migrate(environment: Environment): Promise<void> {
  process.stdout.write(describeMigrated(await migrateServices(services, environment)));
}
