import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createIdentity, type Principal } from '../src/index.ts';

const KEY = 'a-signing-key-for-tests-0123456789abcdef';
const HOUR = 3_600_000;

/** Signs whatever it is given (RFC 7515), which a library of tokens would check. */
function signAnything(said: unknown): string {
  const encode = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(said)}`;
  return `${content}.${createHmac('sha256', KEY).update(content).digest('base64url')}`;
}

const anna: Principal = { id: 'anna', role: 'editor', client: 'obsidian' };

/** A machine with a clock of its own, which can be set. */
function createMachine() {
  let elapsed = 0;
  let off = 0;
  const start = Date.UTC(2026, 0, 1);
  const identity = createIdentity(KEY, { now: () => start + elapsed + off, monotonic: () => elapsed });
  return {
    ...identity,
    pass(milliseconds: number) {
      elapsed += milliseconds;
    },
    setClock(milliseconds: number) {
      off = milliseconds;
    },
  };
}

describe('a token between services', () => {
  test('says for whom a service is called, and is for that service alone', () => {
    const [one, other] = [createMachine(), createMachine()];
    const token = one.sign('file', anna);
    expect(other.verify('file', token)).toEqual(anna);
    expect(other.audienceOf(token)).toBe('file');
    for (const wrong of [undefined, '', 'forged', `${token.slice(0, -2)}xx`]) {
      expect(() => other.verify('file', wrong)).toThrow(expect.objectContaining({ status: 401 }));
    }
    expect(() => other.verify('task', token)).toThrow(expect.objectContaining({ code: 'identity-missing' }));
  });

  test('is renewed in time, also when the clock is set back', () => {
    const [one, other] = [createMachine(), createMachine()];
    for (const off of [0, HOUR, 0, -HOUR, 0]) {
      one.setClock(off);
      for (let minute = 0; minute < 3; minute++) {
        one.sign('file', anna);
        for (const each of [one, other]) each.pass(31_000);
        if (off === 0) expect(other.verify('file', one.sign('file', anna))).toEqual(anna);
      }
    }
  });

  test('that is too old tells of clocks that differ, and not of a caller who is not known', () => {
    const [one, other] = [createMachine(), createMachine()];
    other.setClock(HOUR);
    expect(() => other.verify('file', one.sign('file', anna))).toThrow(
      expect.objectContaining({ status: 503, code: 'clocks-differ', message: expect.stringContaining('3540 s') }),
    );
    other.setClock(20_000);
    expect(other.verify('file', one.sign('file', anna))).toEqual(anna);
  });
});

describe('a token that is signed with the key', () => {
  const now = Date.UTC(2026, 0, 1) / 1_000;
  const principal = { id: 'anna', role: 'editor', scopes: ['files:read'], client: 'obsidian' };
  const claims = { aud: 'file', iat: now, exp: now + 60, principal };
  const without = (name: keyof typeof claims) =>
    Object.fromEntries(Object.entries(claims).filter(([key]) => key !== name));
  const verify = (said: unknown) => createMachine().verify('file', signAnything(said));

  test('and says all that ours say is taken', () => {
    expect(verify(claims)).toEqual(principal);
    expect(verify({ ...claims, iat: now + 20, exp: now + 80 })).toEqual(principal);
    expect(verify({ ...claims, principal: { ...principal, scopes: [], client: null } })).toEqual({
      id: 'anna',
      role: 'editor',
      client: null,
    });
  });

  test.each<[string, object]>([
    ['no audience', without('aud')],
    ['no expiry', without('exp')],
    ['no time of issue', without('iat')],
    ['no principal', without('principal')],
    ['an audience that is null', { ...claims, aud: null }],
    ['an audience that is empty', { ...claims, aud: '' }],
    ['several audiences', { ...claims, aud: ['file', 'task'] }],
    ['a list of the one audience', { ...claims, aud: ['file'] }],
    ['an expiry that is null', { ...claims, exp: null }],
    ['an expiry that is text', { ...claims, exp: String(now + 60) }],
    ['an expiry that is no number', { ...claims, exp: Number.NaN }],
    ['an expiry without end', { ...claims, exp: Number.POSITIVE_INFINITY }],
    ['an expiry with a fraction', { ...claims, exp: now + 30.5 }],
    ['an expiry in milliseconds', { ...claims, exp: (now + 60) * 1_000 }],
    ['an expiry a year away', { ...claims, exp: now + 365 * 86_400 }],
    ['an expiry a second later than ours', { ...claims, exp: now + 61 }],
    ['an expiry before its issue', { ...claims, iat: now + 20, exp: now + 10 }],
    ['a time of issue that is text', { ...claims, iat: String(now) }],
    ['a time of issue long before an expiry like ours', { ...claims, iat: now - 86_400 }],
    ['a negative time of issue', { ...claims, iat: -1 }],
    ['a principal that is null', { ...claims, principal: null }],
    ['a principal that is text', { ...claims, principal: 'anna' }],
    ['a principal that is a list', { ...claims, principal: [principal] }],
    ['a principal without an id', { ...claims, principal: { ...principal, id: undefined } }],
    ['an empty id', { ...claims, principal: { ...principal, id: '' } }],
    ['no role', { ...claims, principal: { ...principal, role: undefined } }],
    ['a role that is none', { ...claims, principal: { ...principal, role: 'owner' } }],
    ['a role in other letters', { ...claims, principal: { ...principal, role: 'Admin' } }],
    ['no scopes', { ...claims, principal: { ...principal, scopes: undefined } }],
    ['scopes that are text', { ...claims, principal: { ...principal, scopes: 'files:read' } }],
    ['a scope that is none', { ...claims, principal: { ...principal, scopes: ['files:read', 'all'] } }],
    ['a scope that every object has', { ...claims, principal: { ...principal, scopes: ['constructor'] } }],
    ['a client that is a number', { ...claims, principal: { ...principal, client: 1 } }],
    ['nothing', {}],
  ])('and has %s is refused', (_what, said) => {
    expect(() => verify(said)).toThrow(expect.objectContaining({ status: 401, code: 'identity-missing' }));
  });

  test('and begins in a time to come tells of clocks that differ', () => {
    expect(() => verify({ ...claims, iat: now + 3_600, exp: now + 3_660 })).toThrow(
      expect.objectContaining({ status: 503, code: 'clocks-differ', message: expect.stringContaining('in 3600 s') }),
    );
  });

  test('and says anything else is refused, never an error of ours', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.jsonValue(), fc.dictionary(fc.constantFrom(...Object.keys(claims)), fc.jsonValue())),
        (said) => {
          expect(() => verify(said)).toThrow(expect.objectContaining({ status: 401 }));
        },
      ),
    );
  });
});
