import type { Runtime } from '@weave-nn/config';
import type { Lookup, Store } from './store.ts';

/** How much is kept in memory; beyond it the least recently used goes. */
export interface MemoryLimits {
  entries: number;
  /** Approximate: two bytes a character, and what an entry costs besides. */
  bytes: number;
}

export interface MemoryStore extends Store {
  lookup(key: string, tags: readonly string[]): Lookup;
  invalidate(tags: readonly string[]): void;
  delete(key: string): void;
  /** Drops everything, also what is computed at this moment. */
  clear(): void;
}

interface Entry {
  stamp: string;
  text: string;
  /** When it ends, on the runtime's monotonic clock. */
  until: number;
  bytes: number;
}

const ENTRY_BYTES = 200;
const MAX_TAGS = 50_000;

/** Creates a store in this process. Nothing runs by itself: what has ended goes when it is asked for or pushed out. */
export function createMemoryStore(limits: MemoryLimits, runtime: Runtime): MemoryStore {
  // In the order of their last use.
  const entries = new Map<string, Entry>();
  const versions = new Map<string, number>();
  let latest = 0;
  let floor = 0;
  let bytes = 0;

  function stampOf(tags: readonly string[]): string {
    let stamp = `${floor}`;
    for (const tag of tags) stamp += `\n${tag}\n${versions.get(tag) ?? floor}`;
    return stamp;
  }

  function drop(key: string, entry: Entry) {
    entries.delete(key);
    bytes -= entry.bytes;
  }

  function clear() {
    latest++;
    floor = latest;
    versions.clear();
    entries.clear();
    bytes = 0;
  }

  function keep(key: string, entry: Entry) {
    const former = entries.get(key);
    if (former) drop(key, former);
    if (entry.bytes > limits.bytes) return;
    entries.set(key, entry);
    bytes += entry.bytes;
    for (const [oldest, { bytes: freed }] of entries) {
      if (entries.size <= limits.entries && bytes <= limits.bytes) break;
      entries.delete(oldest);
      bytes -= freed;
    }
  }

  function find(key: string, stamp: string): string | undefined {
    const entry = entries.get(key);
    if (!entry) return undefined;
    if (entry.stamp !== stamp || entry.until <= runtime.monotonic()) {
      drop(key, entry);
      return undefined;
    }
    entries.delete(key);
    entries.set(key, entry);
    return entry.text;
  }

  return {
    lookup(key, tags) {
      const stamp = stampOf(tags);
      return {
        stamp,
        text: find(key, stamp),
        keep(text, ttl) {
          if (stampOf(tags) !== stamp) return;
          const size = 2 * (key.length + stamp.length + text.length) + ENTRY_BYTES;
          keep(key, { stamp, text, until: runtime.monotonic() + ttl, bytes: size });
        },
      };
    },
    invalidate(tags) {
      latest++;
      for (const tag of tags) versions.set(tag, latest);
      // To forget a version would make values of before it count again.
      if (versions.size > MAX_TAGS) clear();
    },
    delete(key) {
      const entry = entries.get(key);
      if (entry) drop(key, entry);
    },
    clear,
  };
}
