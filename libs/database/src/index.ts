export type { TransactionOptions } from './database.ts';
export { DatabaseError, type DatabaseErrorCode, isUniqueViolation } from './errors.ts';
export { createLease, type Lease, type LeaseOptions, type Term } from './lease.ts';
export { createLeaseRows, type LeaseHolder, type LeaseRows } from './lease-rows.ts';
export { type Migrated, type MigrationOptions, migrate, pendingMigrations } from './migrate.ts';
export { openDatabase } from './open.ts';
export type { ClientConstructor, DatabaseOptions } from './options.ts';
export { type WithNumbers, withNumbers } from './prisma-rows.ts';
export * from './sql.ts';
