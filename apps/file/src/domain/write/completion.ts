import type { ChangedFile, ChangeResult, LeftLink } from '@weave-nn/clients';
import { canHaveLinks, isNote } from '@weave-nn/vault';
import type { ManifestStore } from '../../store/manifest.ts';
import type { Mandate, Transaction, Transactions } from '../../store/transaction.ts';
import type { KeptContent, VersionStore } from '../../store/versions.ts';
import type { WriteGroupStore } from '../../store/write-groups.ts';
import type { Held, VaultLocks } from '../locks/vault-locks.ts';
import { describe } from '../read/content.ts';
import { MAX_KEPT as MAX_KEPT_NOTE } from '../reconcile/reconciler.ts';
import type { Present, Recording } from '../reconcile/recording.ts';
import { hashOf, type VaultFolder } from '../vault-folder.ts';
import type { DiskWrites, Executed } from './disk-writes.ts';
import { type ExecutedIntent, recordIntents } from './group-recording.ts';
import type { Author, Intent, WriteGroup } from './write-group.ts';

/** Replaced contents larger than this are not kept as versions; a deleted file is still in the trash. */
const MAX_KEPT = 64 * 1024 * 1024;

/** An intent that is carried out on disk and not recorded yet. */
interface Step extends ExecutedIntent {
  /** Contents to keep: what was replaced, and what replaced it, since the next to replace it may not ask us. */
  kept: KeptContent[];
  conflicts: Conflict[];
}

/** The text of another program that lost against ours, under its new name. */
interface Conflict {
  present: Present;
  /** The lock of that name; null while somebody looks at it, who will record it as it stands. */
  held: Held | null;
}

export interface CompletionOptions {
  folder: VaultFolder;
  disk: DiskWrites;
  database: Transactions;
  manifest: ManifestStore;
  versions: VersionStore;
  groups: WriteGroupStore;
  locks: VaultLocks;
  recording: Recording;
  wakeRelay: () => void;
}

/** When a group was made, from its UUIDv7: the same at every try, so that what is named after it is too. */
function decidedAt({ id }: WriteGroup): Date {
  return new Date(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16));
}

/** The answer to a request whose group is carried out. */
export function resultOf(changed: ChangedFile[], linksLeft: LeftLink[]): ChangeResult {
  return { changed, ...(linksLeft.length > 0 ? { linksLeft } : {}) };
}

/** Carries out what was decided, whichever process had decided it. */
export function createCompletion(options: CompletionOptions) {
  const { folder, disk, database, manifest, versions, groups, recording, locks } = options;

  /** What stands at an intent's path now, as far as it is what the intent wanted there. */
  function presentAfter(intent: Intent, { stat }: Executed): { present: Present | null; written: Buffer | null } {
    const { path, hashAfter: hash } = intent;
    if (stat === null || hash === null) return { present: null, written: null };
    if (!canHaveLinks(path)) {
      return { present: { path, hash, stat, description: describe(path, Buffer.alloc(0)) }, written: null };
    }
    const snapshot = folder.read(path);
    if (!snapshot) return { present: null, written: null };
    // Somebody has written since: our own state is recorded first, with a stat that makes the next look find theirs.
    const ours = snapshot.hash === hash;
    const state = ours ? snapshot.stat : { ...snapshot.stat, mtimeUs: 0, ctimeUs: 0 };
    const present = { path, hash, stat: state, description: describe(path, snapshot.bytes) };
    return { present, written: ours && intent.temporary ? snapshot.bytes : null };
  }

  /** The text that is about to be written: another program may write over it before it is read at its place. */
  function readWritten({ temporary, path, hashAfter }: Intent): Buffer | null {
    if (temporary === null || !isNote(path)) return null;
    const snapshot = folder.read(temporary);
    return snapshot?.hash === hashAfter ? snapshot.bytes : null;
  }

  async function keepContents({ replaced }: Executed, intent: Intent, written: Buffer | null): Promise<KeptContent[]> {
    const { hashBefore, hashAfter, path } = intent;
    const kept: KeptContent[] = [];
    if (replaced && hashBefore !== null && replaced.length <= MAX_KEPT) {
      kept.push(await versions.prepare(hashBefore, replaced));
    }
    if (written && hashAfter !== null && isNote(path) && written.length <= MAX_KEPT_NOTE) {
      kept.push(await versions.prepare(hashAfter, written));
    }
    return kept;
  }

  function lockConflicts({ conflicts }: Pick<Executed, 'conflicts'>): Promise<Conflict[]> {
    return Promise.all(
      conflicts.map(async ({ path, bytes, stat }) => {
        const present = { path, hash: hashOf(bytes), stat, description: describe(path, bytes) };
        return { present, held: await locks.takeNow(path) };
      }),
    );
  }

  async function recordConflict(
    sql: Transaction,
    { path, hashAfter }: Intent,
    { present, held }: Conflict,
    author: Author,
  ) {
    const known = await manifest.find(present.path, sql);
    if (held && !known) await recording.changed(sql, [{ present, before: undefined }], author);
    await recording.conflict(sql, path, hashAfter ?? '', present, author);
  }

  async function execute(group: WriteGroup, mandate: Mandate, steps: Step[]): Promise<void> {
    const moment = decidedAt(group);
    for (const intent of group.intents) if (intent.detached) await disk.detach(intent, mandate.assertHeld);
    for (const intent of group.intents) {
      const writing = readWritten(intent);
      const outcome = await disk.execute(intent, moment, mandate.assertHeld);
      const { present, written } = presentAfter(intent, outcome);
      const kept = await keepContents(outcome, intent, writing ?? written);
      steps.push({ intent, kept, present, conflicts: await lockConflicts(outcome) });
    }
  }

  async function record(
    sql: Transaction,
    group: WriteGroup,
    mandate: Mandate,
    steps: readonly Step[],
  ): Promise<ChangeResult> {
    await mandate.fence(sql);
    await recording.keep(
      sql,
      steps.flatMap(({ kept }) => kept),
    );
    const changed = await recordIntents(sql, steps, group.author, { manifest, recording });
    for (const { intent, conflicts } of steps) {
      for (const conflict of conflicts) await recordConflict(sql, intent, conflict, group.author);
    }
    const result = resultOf(changed, group.linksLeft);
    if (group.idempotency) {
      const { key, fingerprint } = group.idempotency;
      await groups.keepAnswer(sql, key, fingerprint, JSON.stringify(result));
    }
    await groups.finish(sql, group.id);
    return result;
  }

  /** Carries a decided group out on disk and records it. Safe to repeat from the start at any point. */
  async function complete(group: WriteGroup, mandate: Mandate): Promise<ChangeResult> {
    const steps: Step[] = [];
    try {
      await execute(group, mandate, steps);
      const result = await database.transaction((sql) => record(sql, group, mandate, steps));
      options.wakeRelay();
      return result;
    } finally {
      for (const { conflicts } of steps) for (const { held } of conflicts) held?.release();
    }
  }

  /** Looks once more at what was replaced, in case an editor still had it open, then forgets the group. */
  async function settle(group: WriteGroup, mandate: Mandate): Promise<void> {
    for (const intent of group.intents) {
      mandate.assertHeld();
      for (const conflict of await lockConflicts(await disk.inspectAsides(intent, decidedAt(group)))) {
        try {
          await database.transaction(async (sql) => {
            await mandate.fence(sql);
            const known = await manifest.find(conflict.present.path, sql);
            if (known?.hash !== conflict.present.hash) await recordConflict(sql, intent, conflict, group.author);
          });
        } finally {
          conflict.held?.release();
        }
        options.wakeRelay();
      }
      await disk.dropAsides(intent);
    }
    await groups.forget(group.id, mandate);
  }

  return { complete, settle };
}

export type Completion = ReturnType<typeof createCompletion>;
