import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { comparePaths, pairByPath } from '../src/index.ts';

const bytes = (one: string, other: string) => Math.sign(Buffer.compare(Buffer.from(one), Buffer.from(other)));

describe('comparePaths', () => {
  test.each([
    ['a', 'a'],
    ['a', 'ab'],
    ['a/b', 'a.md'],
    ['Z', 'a'],
    ['é', 'z'],
    ['\u{1F600}', '\uFFFD'],
    ['\u{1F600}', '\u{1F601}'],
    ['a\u{10000}', 'a\uE000b'],
  ])('orders %j and %j as their bytes', (one, other) => {
    expect(Math.sign(comparePaths(one, other))).toBe(bytes(one, other));
    expect(Math.sign(comparePaths(other, one))).toBe(bytes(other, one));
  });

  test('orders any two texts as their bytes', () => {
    const text = fc.string({ unit: 'grapheme' });
    fc.assert(fc.property(text, text, (one, other) => Math.sign(comparePaths(one, other)) === bytes(one, other)));
  });
});

async function* pages(paths: readonly string[], size: number) {
  for (let at = 0; at < paths.length; at += size) yield paths.slice(at, at + size).map((path) => ({ path }));
}

async function paired(lefts: readonly string[], rights: readonly string[], size: number): Promise<string[]> {
  const found: string[] = [];
  for await (const { left, right } of pairByPath(pages(lefts, size), pages(rights, size + 1))) {
    found.push(`${left?.path ?? '-'}:${right?.path ?? '-'}`);
  }
  return found;
}

describe('pairByPath', () => {
  test('gives every path of two ordered lists once', async () => {
    const paths = fc.uniqueArray(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }));
    await fc.assert(
      fc.asyncProperty(paths, paths, fc.integer({ min: 1, max: 5 }), async (one, other, size) => {
        const [lefts, rights] = [one.toSorted(comparePaths), other.toSorted(comparePaths)];
        const all = [...new Set([...lefts, ...rights])].toSorted(comparePaths);
        const expected = all.map(
          (path) => `${lefts.includes(path) ? path : '-'}:${rights.includes(path) ? path : '-'}`,
        );
        expect(await paired(lefts, rights, size)).toEqual(expected);
      }),
    );
  });

  test('gives what is out of order from each side', async () => {
    expect((await paired(['a', 'b'], ['b', 'a'], 5)).toSorted()).toEqual(['-:a', 'a:-', 'b:b'].toSorted());
  });
});
