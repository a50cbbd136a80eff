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
  /** @throws ProblemError 401 when the token is missing, forged, too old or meant for another service */
  verify(audience: string, token: string | undefined): Principal;
  /** Which service a token is for; undefined when it is none of ours. */
  audienceOf(token: string): string | undefined;
}

/**
 * @param key the secret shared by all services, at least 32 characters
 */
export function createIdentity(key: string, now: () => number): Identity {
  const signer = createSigner({ key, algorithm: 'HS256', expiresIn: LIFETIME });
  const verifiers = new Map<string, (token: string) => { principal: Principal }>();
  const anyAudience = createVerifier({ key, algorithms: ['HS256'], cache: MOST_KEPT });
  const signed = new Map<string, { token: string; at: number }>();

  return {
    sign(audience, principal) {
      const name = `${audience}\n${principal.id}\n${principal.role}\n${principal.client}`;
      const kept = signed.get(name);
      if (kept && now() - kept.at < RENEW_AFTER) return kept.token;
      if (signed.size >= MOST_KEPT) signed.clear();
      const token = signer({ aud: audience, principal });
      signed.set(name, { token, at: now() });
      return token;
    },
    verify(audience, token) {
      let verifier = verifiers.get(audience);
      if (!verifier) {
        verifier = createVerifier({ key, algorithms: ['HS256'], allowedAud: audience, cache: MOST_KEPT });
        verifiers.set(audience, verifier);
      }
      try {
        return verifier(token ?? '').principal;
      } catch {
        throw new ProblemError(401, 'identity-missing', 'Services are called through the gateway, with its token.');
      }
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
