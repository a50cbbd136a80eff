import { type FSWatcher, watch } from 'node:fs';
import type { Runtime, Timer } from '@weave-nn/config';
import type { Report } from '@weave-nn/events';

export interface WatcherOptions {
  root: string;
  /** A path is looked at once nobody has touched it for so many milliseconds. */
  quiet: number;
  runtime: Runtime;
  report: Report;
  /** Looks at paths, all at once; resolves to those that were busy and the folders found. */
  onDue(paths: string[]): Promise<{ busy: string[]; folders: string[] }>;
}

/** A file that is written all the time is still looked at after so many quiet periods. */
const PATIENCE = 5;

interface Dirty {
  first: number;
  last: number;
}

/**
 * Says where to look. One `fs.watch` a folder, since Node's recursive one on Linux watches every file as well; what a
 * notification says happened is not relied on, only that something did.
 */
export function createWatcher(options: WatcherOptions) {
  const { root, quiet, runtime, report } = options;
  const watchers = new Map<string, FSWatcher>();
  const dirty = new Map<string, Dirty>();
  let timer: Timer | undefined;
  let looking: Promise<void> = Promise.resolve();
  let closed = false;

  function note(path: string) {
    const now = runtime.monotonic();
    const known = dirty.get(path);
    if (known) known.last = now;
    else dirty.set(path, { first: now, last: now });
    schedule();
  }

  function dueAt({ first, last }: Dirty): number {
    return Math.min(last + quiet, first + quiet * PATIENCE);
  }

  function schedule() {
    if (timer || closed || dirty.size === 0) return;
    let next = Number.POSITIVE_INFINITY;
    for (const each of dirty.values()) next = Math.min(next, dueAt(each));
    timer = runtime.after(Math.max(1, next - runtime.monotonic()), () => {
      timer = undefined;
      looking = looking.then(look);
    });
  }

  /** A rename touches two paths at once, so all that is due soon is taken together with what is due now. */
  async function look() {
    const now = runtime.monotonic();
    const due = [...dirty].filter(([, each]) => dueAt(each) <= now + quiet / 2).map(([path]) => path);
    for (const path of due) {
      dirty.delete(path);
      forgetFolder(path);
    }
    try {
      for (let paths = due, added = true; paths.length > 0 && added; ) {
        const { busy, folders } = await options.onDue(paths);
        for (const path of busy) note(path);
        // What came into a new folder before it was watched is found by looking once more.
        paths = folders.filter((path) => !watchers.has(path));
        added = paths.map(watchFolder).includes(true);
      }
    } catch (error) {
      report('the watcher could not look at what changed; the next scan will', error);
    }
    schedule();
  }

  function unwatch(path: string) {
    watchers.get(path)?.close();
    watchers.delete(path);
  }

  /** A watch stays with a folder that is moved or deleted, so what was touched is watched anew if it is a folder. */
  function forgetFolder(path: string) {
    if (!watchers.has(path)) return;
    for (const each of [...watchers.keys()]) {
      if (each === path || each.startsWith(`${path}/`)) unwatch(each);
    }
  }

  /** Begins to watch a folder; false when that is not possible. One that is watched already stays so. */
  function watchFolder(path: string): boolean {
    if (closed || watchers.has(path)) return false;
    const absolute = path === '' ? root : `${root}/${path}`;
    try {
      const watcher = watch(absolute, { persistent: false }, (_type, name) => {
        if (typeof name !== 'string' || name.startsWith('.')) return;
        note(path === '' ? name : `${path}/${name}`);
      });
      watcher.on('error', (error) => {
        unwatch(path);
        report(`folder ${path || '/'} is no longer watched; scans go on`, error);
      });
      watchers.set(path, watcher);
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT') report(`folder ${path || '/'} cannot be watched; scans find its changes`, error);
      return false;
    }
  }

  return {
    watchFolder,

    /** @returns ends watching the folders that are watched now, but for those that are given as still there */
    rememberFolders(): (there: readonly string[]) => void {
      const remembered = new Map(watchers);
      return (there) => {
        const kept = new Set(there);
        for (const [path, watcher] of remembered) {
          // One that was moved away and came back meanwhile is watched by another.
          if (!kept.has(path) && watchers.get(path) === watcher) unwatch(path);
        }
      };
    },

    /** Has paths looked at soon. */
    examineSoon(paths: readonly string[]) {
      for (const path of paths) note(path);
    },

    async close() {
      closed = true;
      timer?.cancel();
      for (const path of [...watchers.keys()]) unwatch(path);
      await looking;
    },
  };
}

export type Watcher = ReturnType<typeof createWatcher>;
