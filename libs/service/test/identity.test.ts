import { describe, expect, test } from 'vitest';
import { createIdentity, type Principal } from '../src/index.ts';

const KEY = 'a-signing-key-for-tests-0123456789abcdef';
const HOUR = 3_600_000;
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
