import type { Runtime } from '@weave-nn/config';
import type { Caller } from './access.ts';
import { digestOf, hasSecretForm } from './secret.ts';
import type { StoredKey } from './stored-key.ts';

/** Why a key does not let in. */
export type KeyRefusal = 'key-wrong' | 'key-expired' | 'key-revoked';

export interface KeyRingOptions {
  /** The key of the settings or the data directory: an administrator that needs no database. */
  defaultKey: string;
  find(hash: string): Promise<StoredKey | undefined>;
  recordUse(id: string, at: number): Promise<void>;
  runtime: Runtime;
  report(message: string, error: unknown): void;
}

interface Known {
  key: StoredKey;
  caller: Caller;
  /** When its use was last written, as far as this process knows. */
  usedAt: number | null;
}

interface Remembered {
  known: Promise<Known | undefined>;
  /** What came of it, so that who asks again need not wait. */
  found?: Known;
  at: number;
}

/** For how long a revocation elsewhere may go unnoticed. */
const REMEMBER = 5_000;
const MAX_REMEMBERED = 1_000;
/** At most one write per key in this time. */
export const USE_INTERVAL = 60_000;

/** Knows callers by their keys. What it looked up it remembers for a few seconds. */
export function createKeyRing({ defaultKey, find, recordUse, runtime, report }: KeyRingOptions) {
  const defaultHash = digestOf(defaultKey);
  const administrator: Caller = { id: 'key:default', role: 'admin', scopes: [] };
  const remembered = new Map<string, Remembered>();

  async function lookUp(hash: string): Promise<Known | undefined> {
    const key = await find(hash);
    if (!key) return undefined;
    const { principalId: id, role, scopes, lastUsedAt } = key;
    return { key, caller: { id, role, scopes }, usedAt: lastUsedAt };
  }

  /** Requests that come together share one look-up; only keys that exist are remembered. */
  function remember(hash: string): Known | Promise<Known | undefined> {
    const kept = remembered.get(hash);
    if (kept && runtime.monotonic() - kept.at < REMEMBER) return kept.found ?? kept.known;
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    const entry: Remembered = { known: lookUp(hash), at: runtime.monotonic() };
    const drop = () => {
      if (remembered.get(hash) === entry) remembered.delete(hash);
    };
    remembered.set(hash, entry);
    entry.known.then((known) => {
      if (known) entry.found = known;
      else drop();
    }, drop);
    return entry.known;
  }

  /** After the request's own work, since a statement on SQLite takes this thread. */
  function noteUse(known: Known, now: number) {
    if (known.usedAt !== null && now - known.usedAt < USE_INTERVAL) return;
    known.usedAt = now;
    const { id } = known.key;
    runtime.after(0, () => {
      recordUse(id, now).catch((error: unknown) => report(`the use of key ${id} could not be recorded`, error));
    });
  }

  function judge(known: Known | undefined): Caller | KeyRefusal {
    if (!known) return 'key-wrong';
    const now = runtime.now();
    if (known.key.revokedAt !== null) return 'key-revoked';
    if (known.key.expiresAt !== null && known.key.expiresAt <= now) return 'key-expired';
    noteUse(known, now);
    return known.caller;
  }

  return {
    /**
     * Whose key this is, or why it does not let in. Answers later only when it has to ask the database.
     *
     * @throws what `find` throws, for any key but the default one
     */
    identify(given: string): Caller | KeyRefusal | Promise<Caller | KeyRefusal> {
      const hash = digestOf(given);
      // How long it takes tells of the digest alone, which nobody can come nearer to piece by piece.
      if (hash === defaultHash) return administrator;
      if (!hasSecretForm(given)) return 'key-wrong';
      const known = remember(hash);
      return known instanceof Promise ? known.then(judge) : judge(known);
    },

    /** Looks a key up anew at its next use. */
    forget(hash: string): void {
      remembered.delete(hash);
    },
  };
}

export type KeyRing = ReturnType<typeof createKeyRing>;
