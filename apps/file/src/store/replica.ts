import { once } from 'node:events';
import { pause, type Runtime } from '@weave-nn/config';
import { createLease, createLeaseRows, type Database, DatabaseError, type Term } from '@weave-nn/database';
import type { Report } from '@weave-nn/events';
import { FileError } from '../errors.ts';
import type { Mandate } from './transaction.ts';

/** Milliseconds after which a process that no longer says that it lives is taken for dead. */
export const LEASE = 6_000;
const MAX_WAIT_MS = 10_000;

/** The time for which a process is known to live; what it locks and decides is marked as of that time. */
export interface Life extends Mandate {
  readonly owner: string;
}

/** This process among those that share the vault. */
export interface Replica {
  /** What tells it from the others. */
  id: string;
  start(): void;
  stop(): Promise<void>;
  /** @throws FileError `file-busy` while the database does not let it say that it lives */
  life(): Promise<Life>;
  /** The owners whose marks stand for a process that lives, or is not known to be dead. */
  living(): Promise<ReadonlySet<string>>;
  /** Declares those dead, for good, that have not said for too long that they live; whether there are such. */
  buryLapsed(mandate: Mandate): Promise<boolean>;
}

export interface ReplicaOptions {
  database: Database;
  vaultId: string;
  runtime: Runtime;
  report: Report;
  /** Milliseconds after which it is taken for dead. */
  duration?: number;
}

function takenOver(cause: unknown): FileError {
  return new FileError(
    'file-busy',
    'this process was away for so long that others have taken over its files; try again',
    { cause },
  );
}

/** A process's mark at one of its lives. It is a part of file names, so it has no sign that some system refuses. */
function ownerOf(id: string, epoch: number): string {
  return `${id}.${epoch}`;
}

/** The name of the lease for which the processes of a vault compete. */
export function leaderLease(vaultId: string): string {
  return `leader:${vaultId}`;
}

/** Lets the other processes know that this one lives. On SQLite it is the only one. */
export function createReplica(options: ReplicaOptions): Replica {
  return options.database.provider === 'sqlite' ? createSoleReplica(options) : createSharedReplica(options);
}

function createSoleReplica({ runtime }: ReplicaOptions): Replica {
  const id = runtime.uuid();
  const life: Life = {
    owner: ownerOf(id, 1),
    signal: new AbortController().signal,
    async fence() {},
    assertHeld() {},
  };
  const living = new Set([life.owner]);
  return {
    id,
    start() {},
    async stop() {},
    life: async () => life,
    living: async () => living,
    buryLapsed: async () => false,
  };
}

function createSharedReplica({ database, vaultId, runtime, report, duration = LEASE }: ReplicaOptions): Replica {
  const id = runtime.uuid();
  const prefix = `replica:${vaultId}:`;
  const rows = createLeaseRows(database);
  const stop = new AbortController();
  let current: Life | undefined;
  let begun = Promise.withResolvers<void>();

  function lifeOf({ epoch, signal, fence, assertHeld }: Term): Life {
    return {
      owner: ownerOf(id, epoch),
      signal,
      async fence(sql) {
        try {
          await fence(sql);
        } catch (error) {
          throw error instanceof DatabaseError && error.code === 'lease-lost' ? takenOver(error) : error;
        }
      },
      assertHeld() {
        try {
          assertHeld();
        } catch (error) {
          throw takenOver(error);
        }
      },
    };
  }

  const lease = createLease({
    database,
    name: `${prefix}${id}`,
    owner: id,
    duration,
    runtime,
    report,
    async work(term) {
      current = lifeOf(term);
      begun.resolve();
      if (!term.signal.aborted) await once(term.signal, 'abort');
      current = undefined;
      begun = Promise.withResolvers<void>();
    },
  });

  return {
    id,
    start: lease.start,
    async stop() {
      stop.abort();
      await lease.stop();
    },
    async life() {
      const over = new AbortController();
      if (!current) {
        const waiting = AbortSignal.any([stop.signal, over.signal]);
        await Promise.race([begun.promise, pause(runtime, MAX_WAIT_MS, waiting)]);
        over.abort();
      }
      if (current) return current;
      throw new FileError('file-busy', 'this process cannot agree with the others on who writes what; try again');
    },
    async living() {
      return new Set((await rows.holders(prefix)).map(({ owner, epoch }) => ownerOf(owner, epoch)));
    },
    async buryLapsed(mandate) {
      if (!(await rows.anyLapsed(prefix))) return false;
      await database.transaction(async (sql) => {
        await mandate.fence(sql);
        await rows.revokeLapsed(sql, prefix);
      });
      return true;
    },
  };
}
