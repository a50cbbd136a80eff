import type { ChangedFile } from '@weave-nn/clients';
import { backoff, pause, type Runtime } from '@weave-nn/config';
import type { Report } from '@weave-nn/events';
import { isNote } from '@weave-nn/vault';
import { FileError } from '../errors.ts';
import type { LockRows } from '../store/lock-rows.ts';
import type { ManifestEntry, ManifestStore } from '../store/manifest.ts';
import type { Life, Replica } from '../store/replica.ts';
import type { Mandate, Transaction, Transactions } from '../store/transaction.ts';
import type { VaultProgress } from '../store/vault-progress.ts';
import type { KeptContent, VersionStore } from '../store/versions.ts';
import type { LeftGroup, WriteGroupStore } from '../store/write-groups.ts';
import { type Description, describe } from './content.ts';
import type { CarriedOut, DiskWrites } from './disk-writes.ts';
import { changeOf } from './dry-run.ts';
import type { Planned } from './plan.ts';
import { MOST_KEPT as MOST_KEPT_NOTE } from './reconciler.ts';
import type { Present, Recording } from './recording.ts';
import { hashOf, type VaultFolder } from './vault-folder.ts';
import type { Held, VaultLocks } from './vault-locks.ts';
import { type Author, type Intent, ownerOfTemporary, TEMPORARY_PREFIX, type WriteGroup } from './write-group.ts';

/** After so many milliseconds the second name of a replaced file is looked at once more and dropped. */
const SETTLE_AFTER = 1_000;
const FIRST_RETRY = 500;
/** How long a write waits for what an earlier process decided. */
const LONGEST_RECOVERY = 10_000;
/** How often it is looked whether another process has carried that out. */
const LOOK_EVERY = 100;
const LONGEST_RETRY = 10_000;
/** Replaced contents larger than this are not kept as versions; a deleted file is still in the trash. */
const MOST_KEPT = 64 * 1024 * 1024;

/** An intent that is carried out on disk and not recorded yet. */
interface Step {
  intent: Intent;
  /** Contents to keep: what was replaced, and what replaced it, since the next to replace it may not ask us. */
  kept: KeptContent[];
  present: Present | null;
  conflict: Conflict | null;
}

/** The text of another program that lost against ours, under its new name. */
interface Conflict {
  present: Present;
  /** The lock of that name; null while somebody looks at it, who will record it as it stands. */
  held: Held | null;
}

export interface WriterOptions {
  folder: VaultFolder;
  disk: DiskWrites;
  database: Transactions;
  manifest: ManifestStore;
  versions: VersionStore;
  groups: WriteGroupStore;
  locks: VaultLocks;
  lockRows: LockRows | undefined;
  replica: Replica;
  progress: VaultProgress;
  recording: Recording;
  runtime: Runtime;
  report: Report;
  wakeRelay: () => void;
}

function beside(path: string, name: string): string {
  return path.includes('/') ? `${path.slice(0, path.lastIndexOf('/'))}/${name}` : name;
}

/** When a group was made, from its UUIDv7: the same at every try, so that what is named after it is too. */
function decidedAt({ id }: WriteGroup): Date {
  return new Date(Number.parseInt(id.replaceAll('-', '').slice(0, 12), 16));
}

function nameOnly(path: string): Description {
  return describe(path, Buffer.alloc(0));
}

/**
 * Carries out planned changes: every content is on disk before the decision is committed, and what was decided is
 * carried out whatever happens, by this process or the next.
 */
export function createWriter(options: WriterOptions) {
  const {
    folder,
    disk,
    database,
    manifest,
    versions,
    groups,
    recording,
    replica,
    locks,
    lockRows,
    progress,
    runtime,
    report,
  } = options;
  const stop = new AbortController();
  const settling = new Set<Promise<void>>();
  const retrying = new Set<Promise<void>>();
  const recovery = Promise.withResolvers<void>();
  let recovered = false;

  function trashPath(path: string): string {
    const plain = `.trash/${path}`;
    if (!folder.stat(`${folder.root}/${plain}`)) return plain;
    const dot = plain.lastIndexOf('.');
    const [stem, extension] = dot > plain.lastIndexOf('/') ? [plain.slice(0, dot), plain.slice(dot)] : [plain, ''];
    for (let number = 2; ; number++) {
      const numbered = `${stem} (${number})${extension}`;
      if (!folder.stat(`${folder.root}/${numbered}`)) return numbered;
    }
  }

  function toIntent(planned: Planned, name: string, ordinal: number): Intent {
    const { path, before, bytes, permanent } = planned;
    const change = changeOf(planned);
    const replaced = before?.path ?? path;
    const content = bytes !== null && bytes !== 'unchanged';
    return {
      kind: change === 'deleted' ? 'remove' : change === 'moved' ? 'move' : 'put',
      path,
      from: change === 'moved' ? replaced : null,
      trash: change === 'deleted' && !permanent ? trashPath(path) : null,
      temporary: content ? beside(path, `${TEMPORARY_PREFIX}${name}-${ordinal}`) : null,
      aside: beside(replaced, `${TEMPORARY_PREFIX}${name}-${ordinal}-old`),
      hashBefore: before?.hash ?? null,
      hashAfter: bytes === null ? null : content ? hashOf(bytes) : (before?.hash ?? null),
    };
  }

  const order = { move: 0, put: 1, remove: 2 };

  function changesSomething(planned: Planned): boolean {
    const { before, bytes, path } = planned;
    const change = changeOf(planned);
    if (change !== 'updated') return change !== null;
    return bytes !== 'unchanged' && bytes !== null && !(before?.path === path && before.hash === hashOf(bytes));
  }

  /** What stands at an intent's path now, as far as it is what the intent wanted there. */
  function presentAfter(intent: Intent, { stat }: CarriedOut): { present: Present | null; written: Buffer | null } {
    const { path, hashAfter: hash } = intent;
    if (stat === null || hash === null) return { present: null, written: null };
    if (!isNote(path)) return { present: { path, hash, stat, description: nameOnly(path) }, written: null };
    const snapshot = folder.read(`${folder.root}/${path}`, path);
    if (!snapshot) return { present: null, written: null };
    // Somebody has written since: our own state is recorded first, with a stat that makes the next look find theirs.
    const ours = snapshot.hash === hash;
    const state = ours ? snapshot.stat : { ...snapshot.stat, mtimeUs: 0, ctimeUs: 0 };
    const present = { path, hash, stat: state, description: describe(path, snapshot.bytes) };
    return { present, written: ours && intent.temporary ? snapshot.bytes : null };
  }

  async function keepContents(
    { replaced }: CarriedOut,
    intent: Intent,
    written: Buffer | null,
  ): Promise<KeptContent[]> {
    const { hashBefore, hashAfter, path } = intent;
    const kept: KeptContent[] = [];
    if (replaced && hashBefore !== null && replaced.length <= MOST_KEPT) {
      kept.push(await versions.prepare(hashBefore, replaced));
    }
    if (written && hashAfter !== null && isNote(path) && written.length <= MOST_KEPT_NOTE) {
      kept.push(await versions.prepare(hashAfter, written));
    }
    return kept;
  }

  async function lockConflict({ conflict }: Pick<CarriedOut, 'conflict'>): Promise<Conflict | null> {
    if (!conflict) return null;
    const { path, bytes, stat } = conflict;
    const present = { path, hash: hashOf(bytes), stat, description: describe(path, bytes) };
    return { present, held: await locks.takeNow(path) };
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

  async function recordIntent(
    sql: Transaction,
    { kind, path, from }: Intent,
    now: Present | null,
    before: ManifestEntry | undefined,
    author: Author,
  ): Promise<ChangedFile | null> {
    if (!now) {
      if (!before) return null;
      const [sequence = 0] = await recording.deleted(sql, [before], author);
      return { path: before.path, change: 'deleted', etag: null, size: null, sequence };
    }
    const result = { path, etag: `"${now.hash}"`, size: now.stat.size };
    if (kind === 'move' && from !== null && before) {
      const [sequence = 0] = await recording.moved(sql, [{ present: now, before }], author);
      return { ...result, change: 'moved', from, sequence };
    }
    const [sequence = 0] = await recording.changed(sql, [{ present: now, before }], author);
    return { ...result, change: before ? 'updated' : 'created', sequence };
  }

  async function carryOut(group: WriteGroup, mandate: Mandate, steps: Step[]): Promise<void> {
    const moment = decidedAt(group);
    for (const intent of group.intents) {
      mandate.assertHeld();
      const outcome = await disk.carryOut(intent, moment);
      const { present, written } = presentAfter(intent, outcome);
      const kept = await keepContents(outcome, intent, written);
      steps.push({ intent, kept, present, conflict: await lockConflict(outcome) });
    }
  }

  /** Carries a decided group out on disk and records it. Safe to repeat from the start at any point. */
  async function complete(group: WriteGroup, mandate: Mandate): Promise<ChangedFile[]> {
    const steps: Step[] = [];
    try {
      await carryOut(group, mandate, steps);
      const changed = await database.transaction((sql) => record(sql, group, mandate, steps));
      options.wakeRelay();
      return changed;
    } finally {
      for (const { conflict } of steps) conflict?.held?.release();
    }
  }

  async function record(
    sql: Transaction,
    group: WriteGroup,
    mandate: Mandate,
    steps: readonly Step[],
  ): Promise<ChangedFile[]> {
    await mandate.fence(sql);
    await recording.keep(
      sql,
      steps.flatMap(({ kept }) => kept),
    );
    const files: ChangedFile[] = [];
    for (const { intent, present, conflict } of steps) {
      const before = await manifest.find(intent.from ?? intent.path, sql);
      const file = await recordIntent(sql, intent, present, before, group.author);
      if (file) files.push(file);
      if (conflict) await recordConflict(sql, intent, conflict, group.author);
    }
    if (group.idempotency) {
      const { key, fingerprint } = group.idempotency;
      await groups.keepAnswer(sql, key, fingerprint, JSON.stringify({ changed: files }));
    }
    await groups.finish(sql, group.id);
    return files;
  }

  /** Looks once more at what was replaced, in case an editor still had it open, then forgets the group. */
  async function settle(group: WriteGroup, mandate: Mandate): Promise<void> {
    for (const intent of group.intents) {
      mandate.assertHeld();
      const conflict = await lockConflict(await disk.inspectAside(intent, decidedAt(group)));
      if (conflict) {
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
      await disk.dropAside(intent);
    }
    await groups.forget(group.id, mandate);
  }

  function settleLater(group: WriteGroup, mandate: Mandate) {
    async function work() {
      await pause(runtime, SETTLE_AFTER, stop.signal);
      // Whoever took over what this process had left tidies that up as well.
      if (!mandate.signal.aborted) await settle(group, mandate);
    }
    const working = work()
      .catch((error) => report(`write group ${group.id}: tidying up is left to the next start`, error))
      .finally(() => settling.delete(working));
    settling.add(working);
  }

  function retryLater(group: WriteGroup, { life, release }: Held) {
    async function retry() {
      for (let attempt = 1; !stop.signal.aborted; attempt++) {
        await pause(runtime, backoff(runtime, attempt, FIRST_RETRY, LONGEST_RETRY), stop.signal);
        if (stop.signal.aborted) return;
        if (life.signal.aborted) return release();
        try {
          await complete(group, life);
          settleLater(group, life);
          return release();
        } catch (error) {
          report(`write group ${group.id}: decided, but not carried out yet; it is tried again`, error);
        }
      }
    }
    const work = retry().finally(() => retrying.delete(work));
    retrying.add(work);
  }

  async function prepare(plan: readonly Planned[], group: WriteGroup, life: Life): Promise<void> {
    const written: string[] = [];
    try {
      for (const [index, planned] of plan.entries()) {
        const temporary = group.intents[index]?.temporary;
        if (!temporary || !(planned.bytes instanceof Buffer)) continue;
        await disk.writeTemporary(temporary, planned.path, planned.bytes, planned.before?.mode ?? null);
        written.push(temporary);
      }
      await groups.decide(group, life);
    } catch (error) {
      for (const temporary of written) await disk.discard(temporary);
      throw error;
    }
  }

  /** Carries out and tidies up what a dead process left; says what could not be. */
  async function takeOver({ group, state }: LeftGroup, leading: Mandate): Promise<unknown> {
    try {
      if (state === 'decided') await complete(group, leading);
      await settle(group, leading);
      return null;
    } catch (error) {
      leading.assertHeld();
      return error;
    }
  }

  return {
    /**
     * Carries out a plan whose paths the caller has locked.
     *
     * @param held the locks; released by the writer once nothing of the plan is left to do
     * @returns what changed; nothing when the plan changes nothing
     * @throws FileError when nothing was changed, except `write-pending`: then it was decided and will be
     */
    async execute(
      plan: readonly Planned[],
      author: Author,
      idempotency: WriteGroup['idempotency'],
      held: Held,
    ): Promise<ChangedFile[]> {
      const { life } = held;
      const id = runtime.uuid();
      const changing = plan.filter(changesSomething);
      const sorted = changing
        .map((planned, index) => ({ planned, intent: toIntent(planned, `${life.owner}-${id}`, index) }))
        .sort((one, other) => order[one.intent.kind] - order[other.intent.kind]);
      const group: WriteGroup = { id, author, idempotency, intents: sorted.map(({ intent }) => intent) };
      let decided = false;
      let handedOver = false;
      try {
        if (sorted.length === 0 && !idempotency) return [];
        await prepare(
          sorted.map(({ planned }) => planned),
          group,
          life,
        );
        decided = true;
        const changed = await complete(group, life);
        settleLater(group, life);
        return changed;
      } catch (error) {
        if (!decided) throw error;
        report(`write group ${id}: decided, but not carried out yet; it is tried again`, error);
        retryLater(group, held);
        handedOver = true;
        throw new FileError(
          'write-pending',
          'the change is decided and will be carried out as soon as the disk allows',
          { cause: error },
        );
      } finally {
        if (!handedOver) held.release();
      }
    },

    /**
     * Carries out what dead processes decided and did not finish, tidies up after them, and lets go of their locks.
     *
     * @throws what kept a group from being carried out; its process's locks stay until it is
     */
    async recover(leading: Mandate): Promise<void> {
      await replica.buryLapsed(leading);
      // Asked in this order, so that whoever is dead here has no group that is not seen below.
      const locking = (await lockRows?.owners()) ?? [];
      const living = await replica.living();
      const failed = new Map<string | null, unknown>();
      for (const left of await groups.left(replica.living)) {
        const failure = await takeOver(left, leading);
        if (failure !== null) failed.set(left.owner, failure);
      }
      const dead = locking.filter((owner) => !living.has(owner) && !failed.has(owner));
      await lockRows?.releaseAll(leading, dead);
      for (const failure of failed.values()) throw failure;
      recovered = true;
      recovery.resolve();
    },

    /** Of our own hidden files those that no process will use any more. */
    async unused(temporaries: readonly string[]): Promise<string[]> {
      if (temporaries.length === 0) return [];
      const living = await replica.living();
      const using = await groups.owners();
      return temporaries.filter((path) => {
        const owner = ownerOfTemporary(path);
        return owner === null ? !using.has(null) : !living.has(owner) && !using.has(owner);
      });
    },

    /**
     * Waits until what an earlier process decided is carried out: a newer write would be overwritten by it.
     *
     * @throws FileError `write-pending` when that takes too long
     */
    async whenRecovered(): Promise<void> {
      const giveUpAt = runtime.monotonic() + LONGEST_RECOVERY;
      while (!recovered) {
        recovered = await progress.hasReached('recovered');
        if (recovered) return;
        if (stop.signal.aborted || runtime.monotonic() > giveUpAt) {
          throw new FileError(
            'write-pending',
            'what was decided before the last stop is not carried out yet; try again',
          );
        }
        const patience = new AbortController();
        const waiting = AbortSignal.any([stop.signal, patience.signal]);
        await Promise.race([recovery.promise, pause(runtime, LOOK_EVERY, waiting)]);
        patience.abort();
      }
    },

    /** Ends waiting work: what is not carried out or tidied up yet is left to the next start. */
    async stop(): Promise<void> {
      stop.abort();
      await Promise.all([...settling, ...retrying]);
    },
  };
}

export type Writer = ReturnType<typeof createWriter>;
