import type { Leases, LeasesOptions } from './leases.ts';

/** How long a value may be used, and what it was made from. */
export interface Keeping {
  /** Milliseconds; up to a tenth less in fact, so that values made together don't end together. */
  ttl: number;
  /** Names of what the value depends on, for `invalidate`; always the same for one key. */
  tags?: readonly string[];
}

export interface CacheStatus {
  /** `degraded` while a Redis that was asked for cannot be used. */
  status: 'ok' | 'degraded';
  /** What is used and, when degraded, why and with what consequence. */
  detail: string;
}

/** Values that can be had again by computing them, shared by all replicas when there is a Redis. */
export interface Cache {
  /**
   * Gives the value of a key, from the cache or by computing it.
   *
   * Callers that miss at the same time in one process share one computation and its result, which none of them may
   * change. A value counts only while none of its tags has been invalidated since before its computation began; no
   * caller who comes after an invalidation gets what was computed before it. Nothing is kept of a failed
   * computation, of `undefined`, or of a value that takes more than a million characters. An answer takes half a
   * second longer at most when Redis hangs.
   *
   * @param compute makes the value; it must survive JSON, as a later caller gets what became of it there
   * @throws what `compute` throws, to everybody who waited for it; TypeError for a value that JSON cannot hold
   */
  getOrCompute<Value>(key: string, keeping: Keeping, compute: () => Value | Promise<Value>): Promise<Value>;
  /**
   * Drops every value that has any of these tags, for all replicas. While Redis is away it holds for this process at
   * once and for the others when Redis is back, before anything is read from there again.
   */
  invalidate(tags: readonly string[]): Promise<void>;
  /**
   * Drops one value. What this process is computing for it is not kept; what another one is computing may be, so
   * give the value a tag where that matters.
   */
  delete(key: string): Promise<void>;
  /** Counts uses by key against a limit that all replicas share. */
  createLeases(options: LeasesOptions): Leases;
  status(): CacheStatus;
  /** Lets go of Redis. Values are computed and kept in this process from then on. */
  close(): Promise<void>;
}
