import { setImmediate } from 'node:timers/promises';
import type { Report } from '@weave-nn/events';
import { isNote } from '@weave-nn/vault';
import { FileError } from '../errors.ts';
import type { ManifestEntry, ManifestStore } from '../store/manifest.ts';
import type { Transactions } from '../store/transaction.ts';
import type { KeptContent, VersionStore } from '../store/versions.ts';
import { describe } from './content.ts';
import { matchMoves } from './moves.ts';
import type { PathLocks } from './path-locks.ts';
import type { Present, Recording } from './recording.ts';
import { type FileStat, sameState, type VaultFolder } from './vault-folder.ts';
import { type Walked, walk } from './walk.ts';
import { watcherAuthor } from './write-group.ts';

const CHUNK = 500;
/** Files larger than this are hashed in a stream instead of held in memory. */
const STREAMED_FROM = 16 * 1024 * 1024;
/** Contents of notes up to this size are kept as versions when somebody else replaces them. */
export const MOST_KEPT = 1024 * 1024;

interface Finding {
  entry: ManifestEntry | undefined;
  /** What is there now; null when it is gone. */
  present: Present | null;
  /** Set when only the file's state differs, not its content. */
  touched: FileStat | null;
  kept: KeptContent | null;
}

/** What a comparison of manifest and disk recorded. */
export interface Reconciled {
  created: number;
  updated: number;
  moved: number;
  deleted: number;
}

export interface ReconcilerOptions {
  folder: VaultFolder;
  database: Transactions;
  manifest: ManifestStore;
  versions: VersionStore;
  recording: Recording;
  locks: PathLocks;
  report: Report;
  wakeRelay: () => void;
}

/** Finds what others changed, by comparing the manifest with the disk, and records each difference once. */
export function createReconciler(options: ReconcilerOptions) {
  const { folder, database, manifest, versions, recording, locks, report } = options;

  /** Looks at one path, which the caller has locked. Null when its entry and the disk agree. */
  async function examine(path: string, entry: ManifestEntry | undefined, keep: boolean): Promise<Finding | null> {
    const absolute = `${folder.root}/${path}`;
    const stat = folder.stat(absolute);
    if (!stat) return entry ? { entry, present: null, touched: null, kept: null } : null;
    if (entry && sameState(entry, stat)) return null;
    if (stat.size > STREAMED_FROM && !isNote(path)) {
      const hash = await folder.hashLarge(absolute);
      if (hash === null) return entry ? { entry, present: null, touched: null, kept: null } : null;
      return compare(entry, { path, hash, stat, description: describe(path, Buffer.alloc(0)) }, null);
    }
    const snapshot = folder.read(absolute, path);
    if (!snapshot) return entry ? { entry, present: null, touched: null, kept: null } : null;
    const { bytes, hash } = snapshot;
    if (entry?.hash === hash) return { entry, present: null, touched: snapshot.stat, kept: null };
    const kept = keep && isNote(path) && bytes.length <= MOST_KEPT ? await versions.prepare(hash, bytes) : null;
    return compare(entry, { path, hash, stat: snapshot.stat, description: describe(path, bytes) }, kept);
  }

  function compare(entry: ManifestEntry | undefined, present: Present, kept: KeptContent | null): Finding {
    if (entry?.hash === present.hash) return { entry, present: null, touched: present.stat, kept: null };
    return { entry, present, touched: null, kept };
  }

  async function record(findings: readonly Finding[]): Promise<Reconciled> {
    const gone = findings.flatMap(({ entry, present, touched }) => (entry && !present && !touched ? [entry] : []));
    const appeared = findings.flatMap(({ entry, present }) => (present && !entry ? [present] : []));
    const moves = matchMoves(gone, appeared);
    const movedAway = new Set([...moves.values()].map(({ path }) => path));
    const changes = findings.flatMap(({ entry, present }) =>
      present && (entry || !moves.has(present.path)) ? [{ present, before: entry }] : [],
    );
    await database.transaction(async (sql) => {
      for (const { kept } of findings) if (kept) await recording.keep(sql, kept);
      await recording.touched(
        sql,
        findings.flatMap(({ entry, touched }) => (touched && entry ? [{ entry, stat: touched }] : [])),
      );
      for (const present of appeared) {
        const from = moves.get(present.path);
        if (from) await recording.moved(sql, present, from, watcherAuthor);
      }
      await recording.changed(sql, changes, watcherAuthor);
      for (const entry of gone) {
        if (movedAway.has(entry.path)) continue;
        await recording.deleted(sql, entry, watcherAuthor);
      }
    });
    options.wakeRelay();
    const created = changes.filter(({ before }) => !before).length;
    return { created, updated: changes.length - created, moved: moves.size, deleted: gone.length - moves.size };
  }

  /** Examines paths, skipping for now those that somebody is writing. */
  async function examineAll(paths: readonly string[], keep: boolean) {
    const findings: Finding[] = [];
    const busy: string[] = [];
    const entries = await manifest.findAll(paths);
    for (const [index, path] of paths.entries()) {
      try {
        const finding = await examine(path, entries.get(path), keep);
        if (finding) findings.push(finding);
      } catch (error) {
        if (error instanceof FileError && error.code === 'file-busy') busy.push(path);
        else report(`${path}: cannot be looked at; it is tried again at the next scan`, error);
      }
      if (index % 50 === 49) await setImmediate();
    }
    return { findings, busy };
  }

  async function recordUnderLock(paths: readonly string[], keep: boolean, totals: Reconciled): Promise<string[]> {
    const release = await locks.take(paths);
    try {
      const { findings, busy } = await examineAll(paths, keep);
      if (findings.length === 0) return busy;
      const done = await record(findings);
      for (const key of Object.keys(totals) as (keyof Reconciled)[]) totals[key] += done[key];
      return busy;
    } finally {
      release();
    }
  }

  /** Records what differs between these files of the disk and the manifest. */
  async function settle(disk: ReadonlyMap<string, FileStat>, known: ReadonlyMap<string, ManifestEntry>, keep: boolean) {
    const totals: Reconciled = { created: 0, updated: 0, moved: 0, deleted: 0 };
    const here = [...disk].flatMap(([path, stat]) => {
      const entry = known.get(path);
      return entry && sameState(entry, stat) ? [] : [path];
    });
    const gone = [...known.keys()].filter((path) => !disk.has(path));
    const busy: string[] = [];
    if (gone.length > 0) busy.push(...(await recordUnderLock([...here, ...gone], keep, totals)));
    else {
      for (let start = 0; start < here.length; start += CHUNK) {
        busy.push(...(await recordUnderLock(here.slice(start, start + CHUNK), keep, totals)));
      }
    }
    return { ...totals, busy };
  }

  return {
    /**
     * Compares the whole vault.
     *
     * @throws FileError `vault-missing` instead of taking every file for deleted
     */
    async all(): Promise<Reconciled & { busy: string[] } & Omit<Walked, 'files'>> {
      folder.assertPresent();
      const known = await manifest.all();
      const { files, ...rest } = await walk(folder, '');
      folder.assertPresent();
      return { ...(await settle(files, known, known.size > 0)), ...rest };
    },

    /** Compares single files, and folders with all that is below them. */
    async paths(paths: Iterable<string>): Promise<Reconciled & { busy: string[]; folders: string[] }> {
      folder.assertPresent();
      const disk = new Map<string, FileStat>();
      const known = new Map<string, ManifestEntry>();
      const folders: string[] = [];
      for (const path of paths) {
        const absolute = `${folder.root}/${path}`;
        const stat = folder.stat(absolute);
        if (stat) disk.set(path, stat);
        if (!stat && folder.isFolder(absolute)) {
          const walked = await walk(folder, path);
          for (const [file, state] of walked.files) disk.set(file, state);
          folders.push(...walked.folders);
        }
        const entry = await manifest.find(path);
        if (entry) known.set(path, entry);
        for (const below of entry ? [] : await manifest.below(path)) known.set(below.path, below);
      }
      folder.assertPresent();
      return { ...(await settle(disk, known, true)), folders };
    },

    /**
     * Compares one file whose path the caller has locked, so that a write starts from what is really there.
     *
     * @returns its entry afterwards
     */
    async locked(path: string): Promise<ManifestEntry | undefined> {
      const finding = await examine(path, await manifest.find(path), true);
      if (finding) await record([finding]);
      return manifest.find(path);
    },
  };
}

export type Reconciler = ReturnType<typeof createReconciler>;
