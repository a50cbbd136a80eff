import type { Caller } from './access.ts';

/** A key as it is kept. Times are milliseconds since 1970. */
export interface StoredKey extends Pick<Caller, 'role' | 'scopes'> {
  id: string;
  /** Whom it lets in: what stands as the actor in events. */
  principalId: string;
  prefix: string;
  name: string;
  createdAt: number;
  expiresAt: number | null;
  lastUsedAt: number | null;
  revokedAt: number | null;
}
