import type { Runtime } from '@weave-nn/config';
import { createSigner, createVerifier } from 'fast-jwt';
import { ProblemError } from './errors.ts';

export type Role = 'reader' | 'editor' | 'admin';

/** Who asks, on whose behalf a service works. */
export interface Principal {
  /** A user, key or agent. */
  id: string;
  role: Role;
  /** The program used, as far as it is known. */
  client: string | null;
}

/** Where a call between services carries its identity. */
export const IDENTITY_HEADER = 'x-weave-identity';

const LIFETIME = 60_000;
const RENEW_AFTER = LIFETIME / 2;
const MOST_KEPT = 1_000;

/** Makes and reads the short-lived tokens with which services call each other. */
export interface Identity {
  /** A token that says to `audience` for whom it is called. */
  sign(audience: string, principal: Principal): string;
  /**
   * @throws ProblemError 401 when the token is missing, forged or meant for another service, 503 when it is too old:
   *   the caller renews them well before, so that one of the clocks is wrong
   */
  verify(audience: string, token: string | undefined): Principal;
  /** Which service a token is for; undefined when it is none of ours. */
  audienceOf(token: string): string | undefined;
}

interface Claims {
  aud: string;
  /** Seconds since 1970. */
  exp: number;
  principal: Principal;
}

/**
 * @param key the secret shared by all services, at least 32 characters
 */
export function createIdentity(key: string, runtime: Pick<Runtime, 'now' | 'monotonic'>): Identity {
  const signer = createSigner({ key, algorithm: 'HS256' });
  // Whether a token is too old is judged here, by the runtime's clock.
  const reading = { key, algorithms: ['HS256' as const], cache: MOST_KEPT, ignoreExpiration: true };
  const verifiers = new Map<string, (token: string) => Claims>();
  const anyAudience = createVerifier(reading);
  // Renewed by the time that has passed: a wall clock that is set back would keep a token long after others find it old.
  const signed = new Map<string, { token: string; at: number }>();

  return {
    sign(audience, principal) {
      const name = `${audience}\n${principal.id}\n${principal.role}\n${principal.client}`;
      const kept = signed.get(name);
      const at = runtime.monotonic();
      if (kept && at - kept.at < RENEW_AFTER) return kept.token;
      if (signed.size >= MOST_KEPT) signed.clear();
      const token = signer({ aud: audience, exp: Math.floor((runtime.now() + LIFETIME) / 1_000), principal });
      signed.set(name, { token, at });
      return token;
    },
    verify(audience, token) {
      let verifier = verifiers.get(audience);
      if (!verifier) {
        verifier = createVerifier({ ...reading, allowedAud: audience });
        verifiers.set(audience, verifier);
      }
      let claims: Claims;
      try {
        claims = verifier(token ?? '');
      } catch {
        throw new ProblemError(401, 'identity-missing', 'Services are called through the gateway, with its token.');
      }
      const late = runtime.now() / 1_000 - claims.exp;
      if (late >= 0) {
        const detail = `The token for ${audience} ended ${Math.ceil(late)} s ago; set the clocks of the machines right.`;
        throw new ProblemError(503, 'clocks-differ', detail);
      }
      return claims.principal;
    },
    audienceOf(token) {
      try {
        return (anyAudience(token) as { aud?: string }).aud;
      } catch {
        return undefined;
      }
    },
  };
}
