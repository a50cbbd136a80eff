import type { FileState, Verification } from '@weave-nn/clients';
import { pause, type Runtime } from '@weave-nn/config';
import { canHaveLinks, isNote, pairByPath } from '@weave-nn/vault';
import type { ManifestEntry, ManifestStore } from '../../store/manifest.ts';
import type { VaultLocks } from '../locks/vault-locks.ts';
import type { RecentNotes } from '../reconcile/recent-notes.ts';
import type { Reconciler } from '../reconcile/reconciler.ts';
import { walk } from '../reconcile/walk.ts';
import { sameState, type VaultFolder } from '../vault-folder.ts';
import { decodeNote, type NoteText } from './content.ts';

export interface ReadsOptions {
  folder: VaultFolder;
  manifest: ManifestStore;
  /** How often a path has changed, also one that is gone. */
  sequenceOf(path: string): Promise<number>;
  reconciler: Reconciler;
  /** @throws FileError `vault-missing` while everything is being compared for the first time */
  assertCompared(): Promise<void>;
  recentNotes: RecentNotes;
  locks: VaultLocks;
  runtime: Runtime;
}

/** Milliseconds for which a file that is gone is left to the comparison, and how often it is looked whether it came. */
const LEFT_TO_COMPARISON = 500;
const POLL_INTERVAL_MS = 20;
const MAX_DISAGREEMENTS = 100;

function present({ path, hash, size, sequence, mtimeUs }: ManifestEntry, note: NoteText | null): FileState {
  const mtime = new Date(mtimeUs / 1000).toISOString();
  return {
    path,
    deleted: false,
    sequence,
    hash,
    size,
    mtime,
    content: note?.text ?? null,
    warning: note?.warning ?? null,
  };
}

/** Reads for other services and for checks. */
export function createReads(options: ReadsOptions) {
  const { folder, manifest, sequenceOf, reconciler, recentNotes, locks, runtime } = options;

  /** The entry of what is on disk now; compared first when the file has been touched. */
  async function current(path: string): Promise<ManifestEntry | undefined> {
    return upToDate(path, await manifest.find(path));
  }

  /** @param whenGone awaited before anybody waits for a file that is gone */
  async function upToDate(
    path: string,
    entry: ManifestEntry | undefined,
    whenGone?: () => Promise<void>,
  ): Promise<ManifestEntry | undefined> {
    const stat = folder.stat(path);
    if (entry && stat && sameState(entry, stat)) return entry;
    if (!entry && !stat) return undefined;
    if (entry && !stat) await whenGone?.();
    if (entry && !stat && (await isCompared(path))) return current(path);
    const held = await locks.take([path]);
    try {
      return await reconciler.locked(path, held.life);
    } finally {
      held.release();
    }
  }

  /** A file that is gone may have been moved, which only who compares both its paths can tell. */
  async function isCompared(path: string): Promise<boolean> {
    const giveUpAt = runtime.monotonic() + LEFT_TO_COMPARISON;
    while ((await manifest.find(path)) && !folder.stat(path)) {
      if (runtime.monotonic() > giveUpAt) return false;
      await pause(runtime, POLL_INTERVAL_MS);
    }
    return true;
  }

  /** A note's text, unless it has another content by now. */
  function readText(path: string, hash: string): NoteText | undefined {
    const snapshot = folder.read(path);
    return snapshot?.hash === hash ? decodeNote(snapshot.bytes) : undefined;
  }

  async function state(path: string, known: ManifestEntry | undefined): Promise<FileState> {
    // What was recorded a moment ago is not compared again: an event tells of whatever has happened since.
    if (!folder.contains(path)) return { path, deleted: true, sequence: await sequenceOf(path) };
    const recent = known && isNote(path) ? recentNotes.take(known.hash) : undefined;
    if (known && recent) return present(known, recent);
    // While the first comparison goes on, whoever handles an event had better wait for it with nothing begun.
    for (let entry = await upToDate(path, known, options.assertCompared); ; entry = await current(path)) {
      if (!entry) return { path, deleted: true, sequence: await sequenceOf(path) };
      if (!canHaveLinks(path)) return present(entry, null);
      const note = recentNotes.take(entry.hash) ?? readText(path, entry.hash);
      if (note) return present(entry, note);
    }
  }

  return {
    current,

    /** Bytes, hash and sequence of each path, together. */
    async states(paths: readonly string[]): Promise<FileState[]> {
      folder.assertPresent();
      const states: FileState[] = [];
      const entries = await manifest.findAll(paths);
      for (const path of paths) states.push(await state(path, entries.get(path)));
      return states;
    },

    /** Compares every file with the manifest, by content. */
    async verify(): Promise<Verification> {
      folder.assertPresent();
      const { files, skipped } = walk(folder, '');
      const disagreements: { subject: string; problem: string }[] = [];
      let checked = 0;
      for await (const { left: file, right: entry } of pairByPath(files, manifest.seen())) {
        if (file) checked++;
        if (!file) disagreements.push({ subject: entry.path, problem: 'in the manifest, not on disk' });
        else if (!entry) disagreements.push({ subject: file.path, problem: 'on disk, not in the manifest' });
        else if ((await folder.hashLarge(file.path)) !== entry.hash) {
          disagreements.push({ subject: file.path, problem: 'its content is not what the manifest says' });
        }
      }
      const name = 'vault and manifest';
      return {
        checks: [{ name, checked, disagreements: disagreements.slice(0, MAX_DISAGREEMENTS) }],
        excluded: skipped.slice(0, MAX_DISAGREEMENTS),
      };
    },
  };
}

export type Reads = ReturnType<typeof createReads>;
