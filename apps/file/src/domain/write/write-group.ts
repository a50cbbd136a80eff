import type { LeftLink } from '@weave-nn/clients';

/** Who changes something, and by which request; it becomes part of the event. */
export interface Author {
  actor: string;
  client: string | null;
  requestId: string | null;
  origin: 'api' | 'watcher' | 'agent' | 'git' | 'import';
  traceparent: string | null;
}

/** What is recorded of changes that another program made. */
export const watcherAuthor: Author = {
  actor: 'watcher',
  client: null,
  requestId: null,
  origin: 'watcher',
  traceparent: null,
};

/**
 * One file's part of a group of writes.
 *
 * `put` writes `temporary` to `path`. `move` brings `from` to `path`, with the content of `temporary` if there is one.
 * `remove` takes `path` away, to `trash` if that is set. Paths are relative to the vault.
 *
 * Where another intent of the group brings a file to the path that a `move` or `remove` empties, the intent is
 * `detached`: before any other, its file is taken from that path and has only its second name, `aside`.
 */
export interface Intent {
  kind: 'put' | 'move' | 'remove';
  path: string;
  from: string | null;
  trash: string | null;
  /** The hidden file with the new content, beside its target. */
  temporary: string | null;
  /** A second name of the file that is replaced, so that a save in the same moment isn't lost. */
  aside: string | null;
  detached: boolean;
  /** The hash that the replaced, moved or removed file should have; null when there should be none. */
  hashBefore: string | null;
  /** The hash of what stands at `path` afterwards; null for a removal. */
  hashAfter: string | null;
}

/** Writes that happen all together or not at all. */
export interface WriteGroup {
  id: string;
  author: Author;
  idempotency: { key: string; fingerprint: string } | null;
  intents: Intent[];
  /** Links that its moves leave as they are although they lead elsewhere afterwards. */
  linksLeft: LeftLink[];
}

/** How the names of our own hidden files begin. */
export const TEMPORARY_PREFIX = '.weave-tmp-';

/** The process whose hidden file this is, as its name tells; null when it does not. */
export function ownerOfTemporary(path: string): string | null {
  return /\.weave-tmp-([0-9a-f-]{36}\.\d+)-/.exec(path)?.[1] ?? null;
}
