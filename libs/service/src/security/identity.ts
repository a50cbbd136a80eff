import { type Role, roles, type Scope, scopes as scopeTexts } from '@weave-nn/clients';
import type { Runtime } from '@weave-nn/config';
import { createSigner, createVerifier } from 'fast-jwt';
import { ProblemError } from '../errors.ts';

export type { Role };

/** Who asks, on whose behalf a service works. */
export interface Principal {
  /** A user, key or agent. */
  id: string;
  role: Role;
  /** What it is narrowed to; absent for all that its role allows. */
  scopes?: readonly Scope[];
  /** The program used, as far as it is known. */
  client: string | null;
}

/** Where a call between services carries its identity. */
export const IDENTITY_HEADER = 'x-weave-identity';

const LIFETIME_MS = 60_000;
const RENEW_AFTER_MS = LIFETIME_MS / 2;
/** Seconds by which the clock of who signs may be ahead; it may be behind by what is left of a token when it is renewed. */
const CLOCK_TOLERANCE = 30;
const MAX_KEPT = 1_000;

/** Makes and reads the short-lived tokens with which services call each other. */
export interface Identity {
  /** A token that says to `audience` for whom it is called. */
  sign(audience: string, principal: Principal): string;
  /**
   * @throws ProblemError 401 when the token is missing, forged, meant for another service, or lacks or misstates what
   *   each of ours says; 503 when it is too old or of a time to come: the caller renews them well before, so that one
   *   of the clocks is wrong
   */
  verify(audience: string, token: string | undefined): Principal;
  /** Which service a token is for; undefined when it is none of ours. */
  audienceOf(token: string): string | undefined;
}

/** What a token says (RFC 7519, section 4); all of it is required. */
interface Claims {
  aud: string;
  /** Seconds since 1970. */
  iat: number;
  /** Seconds since 1970. */
  exp: number;
  principal: Required<Principal>;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isPrincipal(value: unknown): value is Required<Principal> {
  if (!isObject(value)) return false;
  const { id, role, scopes, client } = value;
  return (
    typeof id === 'string' &&
    id !== '' &&
    roles.includes(role as Role) &&
    Array.isArray(scopes) &&
    scopes.every((scope) => typeof scope === 'string' && Object.hasOwn(scopeTexts, scope)) &&
    (client === null || typeof client === 'string')
  );
}

/** Whether a token says all that ours say, and of no longer a time than we issue. */
function isComplete(claims: unknown, audience: string): claims is Claims {
  if (!isObject(claims) || claims.aud !== audience || !isPrincipal(claims.principal)) return false;
  const { iat, exp } = claims;
  if (!Number.isSafeInteger(iat) || !Number.isSafeInteger(exp)) return false;
  const lifetime = (exp as number) - (iat as number);
  return (iat as number) > 0 && lifetime > 0 && lifetime <= LIFETIME_MS / 1_000;
}

function demandTimely({ iat, exp }: Claims, audience: string, now: number): void {
  const late = now / 1_000 - exp;
  const early = iat - now / 1_000;
  if (late < 0 && early <= CLOCK_TOLERANCE) return;
  const offence = late >= 0 ? `ended ${Math.ceil(late)} s ago` : `begins in ${Math.ceil(early)} s`;
  const detail = `The token for ${audience} ${offence}; set the clocks of the machines right.`;
  throw new ProblemError(503, 'clocks-differ', detail);
}

/**
 * @param key the secret shared by all services, at least 32 characters
 */
export function createIdentity(key: string, runtime: Pick<Runtime, 'now' | 'monotonic'>): Identity {
  const signer = createSigner({ key, algorithm: 'HS256' });
  // Times are judged here, by the runtime's clock.
  const readToken = createVerifier({
    key,
    algorithms: ['HS256'],
    cache: MAX_KEPT,
    ignoreExpiration: true,
    ignoreNotBefore: true,
  });
  // Renewed by the time that has passed: a wall clock that is set back would keep a token long after others find it old.
  const signed = new Map<string, { token: string; at: number }>();

  function claimsOf(token: string): unknown {
    try {
      return readToken(token);
    } catch {
      return undefined;
    }
  }

  return {
    sign(audience, { id, role, scopes = [], client }) {
      const name = `${audience}\n${id}\n${role}\n${scopes.join(' ')}\n${client}`;
      const kept = signed.get(name);
      const at = runtime.monotonic();
      if (kept && at - kept.at < RENEW_AFTER_MS) return kept.token;
      if (signed.size >= MAX_KEPT) signed.clear();
      const iat = Math.floor(runtime.now() / 1_000);
      const principal = { id, role, scopes, client };
      const token = signer({ aud: audience, iat, exp: iat + LIFETIME_MS / 1_000, principal });
      signed.set(name, { token, at });
      return token;
    },
    verify(audience, token) {
      const claims = claimsOf(token ?? '');
      if (!isComplete(claims, audience)) {
        throw new ProblemError(401, 'identity-missing', 'Services are called through the gateway, with its token.');
      }
      demandTimely(claims, audience, runtime.now());
      const { id, role, scopes, client } = claims.principal;
      return { id, role, client, ...(scopes.length > 0 ? { scopes } : {}) };
    },
    audienceOf(token) {
      const claims = claimsOf(token);
      return isObject(claims) && typeof claims.aud === 'string' ? claims.aud : undefined;
    },
  };
}
