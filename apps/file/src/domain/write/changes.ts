import type { ChangeResult, LeftLink } from '@weave-nn/clients';
import { collisionKey, isHiddenPath, normaliseVaultPath } from '@weave-nn/vault';
import { FileError } from '../../errors.ts';
import type { ManifestStore } from '../../store/manifest.ts';
import type { VersionStore } from '../../store/versions.ts';
import type { WriteGroupStore } from '../../store/write-groups.ts';
import type { Held, VaultLocks } from '../locks/vault-locks.ts';
import type { Reconciler } from '../reconcile/reconciler.ts';
import type { Recovery } from '../recovery.ts';
import type { VaultFolder } from '../vault-folder.ts';
import { type PlannedDiff, showPlan } from './dry-run.ts';
import { MorePathsNeeded, makePlan, type Operation, type Plan, pathsOf } from './plan.ts';
import type { Author } from './write-group.ts';
import type { Writer } from './writer.ts';

/** A plan that keeps needing more is given up after so many turns. */
const MAX_TURNS = 20;

export interface Idempotency {
  key: string;
  /** What the request was, so that a key cannot be used for another. */
  fingerprint: string;
}

export interface ChangesOptions {
  folder: VaultFolder;
  manifest: ManifestStore;
  versions: VersionStore;
  groups: WriteGroupStore;
  reconciler: Reconciler;
  writer: Writer;
  recovery: Recovery;
  locks: VaultLocks;
}

export interface Preview {
  dryRun: true;
  changes: PlannedDiff[];
  linksLeft?: LeftLink[];
}

/** Every change that comes in by request: planned under locks, then shown or carried out. */
export function createChanges(options: ChangesOptions) {
  const { folder, manifest, versions, groups, reconciler, writer, recovery, locks } = options;

  /** Makes a plan, holding the locks of every path it concerns. */
  async function planLocked(operations: readonly Operation[]): Promise<{ plan: Plan; held: Held }> {
    folder.assertPresent();
    await recovery.whenRecovered();
    const paths = new Set(operations.flatMap(pathsOf));
    for (const path of paths) folder.locate(path);
    for (let turn = 0; turn < MAX_TURNS; turn++) {
      const keys = [...paths].flatMap((path) => [path, `collision:${collisionKey(path)}`]);
      const held = await locks.take(keys);
      try {
        const plan = await makePlan(operations, {
          folder,
          manifest,
          current: (path) => reconciler.locked(path, held.life),
          isLocked: (path) => paths.has(path),
        });
        return { plan, held };
      } catch (error) {
        held.release();
        if (!(error instanceof MorePathsNeeded)) throw error;
        for (const path of error.paths) paths.add(path);
      }
    }
    throw new FileError('file-busy', 'the files this concerns keep changing; try again');
  }

  async function answerKept({ key, fingerprint }: Idempotency): Promise<ChangeResult | undefined> {
    const kept = await groups.answered(key);
    if (!kept) return undefined;
    if (kept.fingerprint !== fingerprint) {
      throw new FileError('idempotency-key-reused', `the Idempotency-Key ${key} was used for another request`);
    }
    return JSON.parse(kept.answer);
  }

  /** @param key what is held beside the paths, and let go together with them, since the answer is not kept before */
  async function change(operations: readonly Operation[], author: Author, idempotency: Idempotency | null, key?: Held) {
    const { plan, held } = await planLocked(operations).catch((error) => {
      key?.release();
      throw error;
    });
    const both = { life: held.life, release: () => [held, key].map((each) => each?.release()) };
    if (key && key.life !== held.life) {
      both.release();
      throw new FileError('file-busy', 'others may have taken over this request meanwhile; try again');
    }
    return writer.execute(plan, author, idempotency, both);
  }

  return {
    /**
     * Carries out operations, all or none.
     *
     * @param idempotency the answer once given under the key is given again and nothing done
     */
    async apply(
      operations: readonly Operation[],
      author: Author,
      idempotency: Idempotency | null = null,
    ): Promise<ChangeResult> {
      if (!idempotency) return change(operations, author, null);
      // What was decided under the key before the last stop has its answer once it is carried out.
      await recovery.whenRecovered();
      const held = await locks.take([`idempotency:${idempotency.key}`]);
      let kept: ChangeResult | undefined;
      try {
        kept = await answerKept(idempotency);
      } catch (error) {
        held.release();
        throw error;
      }
      if (!kept) return change(operations, author, idempotency, held);
      held.release();
      return kept;
    },

    /** What operations would do. */
    async preview(operations: readonly Operation[]): Promise<Preview> {
      const { plan, held } = await planLocked(operations);
      try {
        const { linksLeft } = plan;
        return { dryRun: true, changes: showPlan(plan, folder), ...(linksLeft.length > 0 ? { linksLeft } : {}) };
      } finally {
        held.release();
      }
    },

    /**
     * The operation that brings back a content a path once had.
     *
     * @throws FileError `version-not-found` when it is not kept, or was another path's
     */
    async restoring(path: string, hash: string): Promise<Operation> {
      const normal = normaliseVaultPath(path);
      if (isHiddenPath(normal)) throw new FileError('path-hidden', `${path} is hidden`);
      const bytes = (await versions.has(normal, hash)) ? await versions.bytes(hash) : undefined;
      if (!bytes) throw new FileError('version-not-found', `no version ${hash} of ${path} is kept`);
      return { op: 'put', path: normal, bytes };
    },
  };
}

export type Changes = ReturnType<typeof createChanges>;
