import { setImmediate } from 'node:timers/promises';
import type { Tracer } from '@opentelemetry/api';
import { inSpan, pause, type Runtime } from '@weave-nn/config';
import type { Precedence, Report } from '@weave-nn/events';
import { isNote, pairByPath } from '@weave-nn/vault';
import { FileError, fileBusy } from '../../errors.ts';
import type { ManifestEntry, ManifestStore } from '../../store/manifest.ts';
import type { Mandate, Transactions } from '../../store/transaction.ts';
import type { KeptContent, VersionStore } from '../../store/versions.ts';
import type { VaultLocks } from '../locks/vault-locks.ts';
import { type Description, describe } from '../read/content.ts';
import { type FileStat, type Snapshot, sameState, type VaultFolder } from '../vault-folder.ts';
import { watcherAuthor } from '../write/write-group.ts';
import { addDifference, type Differences, noDifferences } from './differences.ts';
import { matchMoves } from './moves.ts';
import type { RecentNotes } from './recent-notes.ts';
import type { Present, Recording } from './recording.ts';
import { type Found, walk } from './walk.ts';

const CHUNK = 500;
/** Files that are read before other work has its turn: a millisecond, so that what was found is on its way at once. */
const YIELD_EVERY = 10;
/** So long a file that is empty and was not is left to whoever writes it: what is written in place is emptied first. */
const EMPTIED = 100;
/** Files larger than this are hashed in a stream instead of held in memory. */
const STREAMED_FROM = 16 * 1024 * 1024;
/** Contents of notes up to this size are kept as versions when somebody else replaces them. */
export const MAX_KEPT = 1024 * 1024;

interface Finding {
  entry: ManifestEntry | undefined;
  /** What is there now; null when it is gone. */
  present: Present | null;
  /** Set when only the file's state differs, not its content. */
  touched: Present | null;
  kept: KeptContent | null;
}

/** What a comparison of manifest and disk recorded. */
export interface Reconciled {
  created: number;
  updated: number;
  moved: number;
  deleted: number;
}

const nothing: Reconciled = { created: 0, updated: 0, moved: 0, deleted: 0 };

function addUp(totals: Reconciled, done: Reconciled): void {
  for (const key of ['created', 'updated', 'moved', 'deleted'] as const) totals[key] += done[key];
}

/** The result of a comparison of the whole vault. */
export type Compared = Reconciled & Found & { busy: string[] };

export interface ReconcilerOptions {
  folder: VaultFolder;
  database: Transactions;
  manifest: ManifestStore;
  versions: VersionStore;
  recording: Recording;
  recentNotes: RecentNotes;
  locks: VaultLocks;
  precedence: Precedence;
  runtime: Runtime;
  report: Report;
  tracer: Tracer | undefined;
  wakeRelay: () => void;
}

/** Finds what others changed, by comparing the manifest with the disk, and records each difference once. */
export function createReconciler(options: ReconcilerOptions) {
  const { folder, database, manifest, versions, recording, locks, runtime, report } = options;

  /** Milliseconds for which a file had better not be looked at, since somebody has just emptied it. */
  function emptiedFor(entry: ManifestEntry | undefined, stat: FileStat): number {
    if (!entry || entry.size === 0 || stat.size > 0) return 0;
    const age = runtime.now() - stat.mtimeUs / 1_000;
    return age < 0 ? 0 : Math.max(0, EMPTIED - age);
  }

  /** A file's state once nobody has just emptied it; undefined when it is not there. */
  async function statWritten(path: string, entry: ManifestEntry | undefined): Promise<FileStat | undefined> {
    for (;;) {
      const stat = folder.stat(path);
      const wait = stat ? emptiedFor(entry, stat) : 0;
      if (wait === 0) return stat ?? undefined;
      await pause(runtime, wait);
    }
  }

  /**
   * Looks at one path, which the caller has locked. Null when its entry and the disk agree.
   *
   * @param seen the file's state, when somebody has just looked; it may have changed since. A new note that nobody has
   *   looked at is opened at once, which tells all that there is to know
   * @throws FileError `file-busy` when somebody is writing it
   */
  async function examine(
    path: string,
    entry: ManifestEntry | undefined,
    keep: boolean,
    seen?: FileStat,
  ): Promise<Finding | null> {
    const gone = entry ? { entry, present: null, touched: null, kept: null } : null;
    if (!folder.contains(path)) return gone;
    if (seen || entry || !isNote(path)) {
      const stat = seen ?? folder.stat(path);
      if (!stat) return gone;
      if (entry && sameState(entry, stat)) return null;
      if (emptiedFor(entry, stat) > 0) throw fileBusy(path);
      if (stat.size > STREAMED_FROM && !isNote(path)) {
        const hash = await folder.hashLarge(path);
        if (hash === null) return gone;
        return compare(entry, { path, hash, stat, description: describe(path, Buffer.alloc(0)) }, null);
      }
    }
    const snapshot = folder.read(path);
    if (!snapshot) return gone;
    const { bytes, hash, stat } = snapshot;
    if (entry?.hash === hash) {
      return { entry, present: null, touched: { path, hash, stat, description: describe(path, bytes) }, kept: null };
    }
    const kept = keep && isNote(path) && bytes.length <= MAX_KEPT ? await versions.prepare(hash, bytes) : null;
    return { entry, present: { path, hash, stat, description: describeAndKeep(path, snapshot) }, touched: null, kept };
  }

  function describeAndKeep(path: string, { hash, bytes }: Snapshot): Description {
    if (isNote(path)) options.recentNotes.keep(hash, bytes);
    return describe(path, bytes);
  }

  function compare(entry: ManifestEntry | undefined, present: Present, kept: KeptContent | null): Finding {
    if (entry?.hash === present.hash) return { entry, present: null, touched: present, kept: null };
    return { entry, present, touched: null, kept };
  }

  async function record(findings: readonly Finding[], mandates: readonly Mandate[]): Promise<Reconciled> {
    const gone = findings.flatMap(({ entry, present, touched }) => (entry && !present && !touched ? [entry] : []));
    const appeared = findings.flatMap(({ entry, present }) => (present && !entry ? [present] : []));
    const matched = matchMoves(gone, appeared);
    const moves = appeared.flatMap((present) => {
      const before = matched.get(present.path);
      return before ? [{ present, before }] : [];
    });
    const movedAway = new Set(moves.map(({ before }) => before.path));
    const deleted = gone.filter(({ path }) => !movedAway.has(path));
    const changes = findings.flatMap(({ entry, present }) =>
      present && (entry || !matched.has(present.path)) ? [{ present, before: entry }] : [],
    );
    await database.transaction(async (sql) => {
      for (const mandate of mandates) await mandate.fence(sql);
      await recording.keep(
        sql,
        findings.flatMap(({ kept }) => (kept ? [kept] : [])),
      );
      await recording.touched(
        sql,
        findings.flatMap(({ entry, touched }) => (touched && entry ? [{ entry, present: touched }] : [])),
      );
      await recording.moved(sql, moves, watcherAuthor);
      // Before what is new, whose name may differ from a deleted one only in case.
      await recording.deleted(sql, deleted, watcherAuthor);
      await recording.changed(sql, changes, watcherAuthor);
    });
    options.wakeRelay();
    const created = changes.filter(({ before }) => !before).length;
    return { created, updated: changes.length - created, moved: moves.length, deleted: deleted.length };
  }

  /** What somebody else changed begins a trace, unless it is found while a request is served. */
  function recordInSpan(findings: readonly Finding[], mandates: readonly Mandate[]): Promise<Reconciled> {
    return inSpan(options.tracer, runtime, { name: 'record changes' }, () => record(findings, mandates));
  }

  /** Examines paths, skipping for now those that another program is writing. */
  async function examineAll(paths: readonly string[], keep: boolean, disk: ReadonlyMap<string, FileStat>) {
    const findings: Finding[] = [];
    const busy: string[] = [];
    const entries = await manifest.findAll(paths);
    for (const [index, path] of paths.entries()) {
      try {
        const finding = await examine(path, entries.get(path), keep, disk.get(path));
        if (finding) findings.push(finding);
      } catch (error) {
        if (error instanceof FileError && error.code === 'file-busy') busy.push(path);
        else report(`${path}: cannot be looked at; it is retried at the next scan`, error);
      }
      if (index % YIELD_EVERY === YIELD_EVERY - 1) await setImmediate();
    }
    return { findings, busy };
  }

  async function recordUnderLock(
    paths: readonly string[],
    disk: ReadonlyMap<string, FileStat>,
    keep: boolean,
    leading: Mandate,
    totals: Reconciled,
  ): Promise<readonly string[]> {
    const { held, taken } = await locks.takeFree(paths);
    try {
      const { findings, busy } = await examineAll(
        paths.filter((path) => taken.has(path)),
        keep,
        disk,
      );
      const elsewhere = paths.filter((path) => !taken.has(path));
      if (findings.length > 0) {
        const done = await recordInSpan(findings, [leading, held.life]);
        addUp(totals, done);
      }
      return [...busy, ...elsewhere];
    } finally {
      held.release();
    }
  }

  /**
   * Records what differs. What is gone and what has appeared are looked at together, since one may have become the
   * other.
   */
  async function settle({ changed, appeared, gone, disk }: Differences, keep: boolean, leading: Mandate) {
    const totals = { ...nothing };
    const busy: string[] = [];
    const together = gone.size > 0 ? [...appeared, ...gone] : [];
    if (together.length > 0) busy.push(...(await recordUnderLock(together, disk, keep, leading, totals)));
    const single = gone.size > 0 ? [...changed] : [...changed, ...appeared];
    for (let start = 0; start < single.length; start += CHUNK) {
      busy.push(...(await recordUnderLock(single.slice(start, start + CHUNK), disk, keep, leading, totals)));
    }
    return { ...totals, busy };
  }

  /** Records a vault that nothing is known of while it is walked over, so that others can begin with the first of it. */
  async function recordNew(leading: Mandate, enter: (folder: string) => void): Promise<Compared> {
    const totals = { ...nothing };
    const busy: string[] = [];
    const { files, ...found } = walk(folder, '', { enter, look: false });
    for await (const batch of files) {
      const paths = batch.map(({ path }) => path);
      busy.push(...(await recordUnderLock(paths, new Map(), false, leading, totals)));
    }
    folder.assertPresent();
    return { ...totals, busy, ...found };
  }

  /** Compares a vault with what is known of it, keeping only what differs. */
  async function compareAll(leading: Mandate, enter: (folder: string) => void): Promise<Compared> {
    const { files, ...found } = walk(folder, '', { enter });
    const differences = noDifferences();
    for await (const { left, right } of pairByPath(files, manifest.seen())) addDifference(differences, left, right);
    folder.assertPresent();
    return { ...(await settle(differences, true, leading)), ...found };
  }

  return {
    /**
     * Compares the whole vault.
     *
     * @param leading only one process does this at a time
     * @param enter called with each folder before it is looked into
     * @throws FileError `vault-missing` instead of taking every file for deleted
     */
    async all(leading: Mandate, enter: (folder: string) => void): Promise<Compared> {
      folder.assertPresent();
      if (await manifest.isEmpty()) return options.precedence.lead(() => recordNew(leading, enter));
      return compareAll(leading, enter);
    },

    /** Compares single files, and folders with all that is below them. */
    async paths(
      paths: Iterable<string>,
      leading: Mandate,
    ): Promise<Reconciled & { busy: string[]; folders: string[] }> {
      folder.assertPresent();
      const differences = noDifferences();
      const folders: string[] = [];
      for (const path of paths) {
        const stat = folder.contains(path) ? folder.stat(path) : null;
        const entry = await manifest.find(path);
        if (stat || entry) addDifference(differences, stat ? { path, stat } : undefined, entry);
        const below = !stat && folder.contains(path) && folder.isFolder(path) ? walk(folder, path) : null;
        if (entry && !below) continue;
        for await (const { left, right } of pairByPath(below?.files ?? [], manifest.seen(path))) {
          addDifference(differences, left, right);
        }
        folders.push(...(below?.folders ?? []));
      }
      folder.assertPresent();
      return { ...(await settle(differences, true, leading)), folders };
    },

    /**
     * Compares one file whose path the caller has locked, so that a write starts from what is really there.
     *
     * @param mandate of the lock
     * @returns its entry afterwards
     */
    async locked(path: string, mandate: Mandate): Promise<ManifestEntry | undefined> {
      const entry = await manifest.find(path);
      const finding = await examine(path, entry, true, await statWritten(path, entry));
      if (finding) await recordInSpan([finding], [mandate]);
      return manifest.find(path);
    },
  };
}

export type Reconciler = ReturnType<typeof createReconciler>;
