import { AsyncLocalStorage } from 'node:async_hooks';
import type { SqlDriverAdapterFactory } from '@prisma/driver-adapter-utils';
import type { Database, Sql } from './database.ts';
import { clientNotConfigured, DatabaseError } from './errors.ts';
import type { DatabaseOptions } from './options.ts';
import { driverErrorOf } from './prisma-failures.ts';

/** Prisma gives up on a transaction after this long, so that forgotten work does not hold it for ever. */
const transactionTimeoutMs = 60_000;
/** How long a transaction may wait for its turn. */
const transactionWaitMs = 600_000;

/** Carries the transaction that the driver adapter begins back to the `prismaTransaction` it begins it for. */
interface TransactionScope {
  sql?: Sql;
}

interface Operation {
  args: unknown;
  query(args: unknown): Promise<unknown>;
}

/** What every generated client has; the rest of its type is the service's own. */
interface GeneratedClient {
  $extends(extension: { query: { $allOperations(operation: Operation): Promise<unknown> } }): unknown;
  $transaction<Result>(
    work: (client: unknown) => Promise<Result>,
    options: { maxWait: number; timeout: number },
  ): Promise<Result>;
  $disconnect(): Promise<void>;
}

/** The Prisma side of a database. */
export interface Prisma<Client> {
  client(): Promise<Client>;
  transaction<Result>(work: (client: Client, sql: Sql) => Promise<Result>): Promise<Result>;
  disconnect(): Promise<void>;
}

const scopes = new AsyncLocalStorage<TransactionScope>();

/** Called by a driver adapter when it has begun a transaction: the statements that run inside it. */
export function handOver(sql: Sql): void {
  const scope = scopes.getStore();
  if (scope && !scope.sql) scope.sql = sql;
}

/**
 * Puts a service's generated client, loaded at the first use, over a driver adapter that calls `handOver`.
 *
 * @param failureOf turns what a driver threw into a typed error
 */
export function createPrisma<Client>(
  provider: Database['provider'],
  loadClient: DatabaseOptions['loadClient'],
  adapter: SqlDriverAdapterFactory,
  failureOf: (driverError: Error) => unknown,
): Prisma<Client> {
  let loading: Promise<Client> | undefined;

  async function translated<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (error) {
      const driverError = driverErrorOf(error);
      throw driverError ? failureOf(driverError) : error;
    }
  }

  async function load(): Promise<Client> {
    if (!loadClient) throw clientNotConfigured();
    const ClientClass = await loadClient(provider);
    const generated = new ClientClass({ adapter }) as GeneratedClient;
    const $allOperations = ({ args, query }: Operation) => translated(() => query(args));
    return generated.$extends({ query: { $allOperations } }) as Client;
  }

  function client(): Promise<Client> {
    loading ??= load().catch((error: unknown) => {
      loading = undefined;
      throw error;
    });
    return loading;
  }

  return {
    client,
    async transaction(work) {
      const loaded = (await client()) as GeneratedClient;
      const scope: TransactionScope = {};
      return scopes.run(scope, () =>
        translated(() =>
          loaded.$transaction(
            async (inside) => {
              if (!scope.sql) throw new DatabaseError('statement-failed', 'Prisma began its transaction elsewhere');
              return work(inside as Client, scope.sql);
            },
            { maxWait: transactionWaitMs, timeout: transactionTimeoutMs },
          ),
        ),
      );
    },
    async disconnect() {
      if (loading) await ((await loading) as GeneratedClient).$disconnect();
    },
  };
}
