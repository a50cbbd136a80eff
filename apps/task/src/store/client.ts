import type { Database } from '@weave-nn/database';
import type { PrismaClient } from '../../prisma/generated/sqlite/client.ts';

/** The generated client of each provider, loaded at its first use. */
export const clients = {
  sqlite: () => import('../../prisma/generated/sqlite/client.ts'),
  postgresql: () => import('../../prisma/generated/postgresql/client.ts'),
};

/** The service's database with its client. */
export type TaskDatabase = Database<PrismaClient>;
