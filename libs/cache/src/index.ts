export type { Cache, CacheStatus, Keeping } from './cache.ts';
export { CacheError, type CacheErrorCode } from './errors.ts';
export type { Leases, LeasesOptions, Taken } from './leases.ts';
export type { MemoryLimits } from './memory-store.ts';
export { type CacheOptions, openCache } from './open.ts';
export type { Report } from './report.ts';
