import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { matchTasks, type Recognisable } from '../src/domain/notes/match.ts';

/** A task of each text, on a line of its own; `#` begins what is not part of the description. */
function notes(...texts: string[]): Recognisable[] {
  return texts.map((raw, index) => {
    const title = raw.split(' #')[0] ?? '';
    return {
      line: index + 1,
      raw,
      fullKey: raw.replace('[x]', ''),
      textKey: title,
      title,
      externalId: /id:(\w+)/.exec(raw)?.[1] ?? null,
    };
  });
}

function pairsOf(before: Recognisable[], after: Recognisable[]): string[] {
  const { pairs, lost, added } = matchTasks(before, after);
  return [
    ...pairs.map(([one, other]) => `${one.line}→${other.line}`),
    ...lost.map(({ line }) => `${line}→`),
    ...added.map(({ line }) => `→${line}`),
  ].sort();
}

describe('the tasks of a note that was changed', () => {
  test.each<[string, string[], string[], string[]]>([
    ['that stay', ['a', 'b'], ['a', 'b'], ['1→1', '2→2']],
    ['that are moved', ['a', 'b', 'c'], ['c', 'a', 'b'], ['1→2', '2→3', '3→1']],
    ['one of which is new', ['a', 'b'], ['a', 'new', 'b'], ['1→1', '2→3', '→2']],
    ['one of which is gone', ['a', 'b', 'c'], ['a', 'c'], ['1→1', '2→', '3→2']],
    ['one of which is edited', ['a', 'call Ana', 'c'], ['a', 'call Ana today', 'c'], ['1→1', '2→2', '3→3']],
    ['one of which is written anew', ['a', 'call Ana', 'c'], ['a', 'sell the car', 'c'], ['1→1', '2→2', '3→3']],
    ['two of which are written anew', ['a', 'call Ana', 'buy milk'], ['a', 'xxx', 'yyy'], ['1→1', '2→2', '3→3']],
    ['edited and with a new one above', ['call Ana', 'b'], ['zzz', 'call Ana now', 'b'], ['1→2', '2→3', '→1']],
    ['moved and edited at once', ['call Ana', 'b', 'c'], ['b', 'c', 'call Ana now'], ['1→3', '2→1', '3→2']],
    ['with other fields', ['a #due:1', 'b'], ['b', 'a #due:2'], ['1→2', '2→1']],
    ['known by their ids', ['a #id:x', 'b #id:y'], ['b #id:x', 'a #id:y'], ['1→1', '2→2']],
    ['the same twice', ['a', 'a', 'b'], ['a', 'a', 'b'], ['1→1', '2→2', '3→3']],
    ['one of two that are the same is gone', ['a', 'a'], ['a'], ['1→1', '2→']],
    ['all gone', ['a', 'b'], [], ['1→', '2→']],
  ])('%s are known', (_, before, after, expected) => {
    expect(pairsOf(notes(...before), notes(...after))).toEqual(expected.sort());
  });

  test('are each matched once at most, and none is forgotten', () => {
    const texts = fc.array(fc.constantFrom('a', 'b', 'c', 'call Ana', 'call Ana today', 'a #1', 'b #id:x', 'c #id:x'), {
      maxLength: 12,
    });
    fc.assert(
      fc.property(texts, texts, (before, after) => {
        const [known, found] = [notes(...before), notes(...after)];
        const { pairs, lost, added } = matchTasks(known, found);
        expect(new Set([...pairs.map(([one]) => one), ...lost]).size).toBe(known.length);
        expect(new Set([...pairs.map(([, other]) => other), ...added]).size).toBe(found.length);
        expect(pairs.length + lost.length).toBe(known.length);
      }),
    );
  });

  test('may be many that are all written anew', () => {
    const of = (word: string) => notes(...Array.from({ length: 10_000 }, (_, index) => `${word} ${index}`));
    expect(matchTasks(of('old'), of('new')).pairs).toHaveLength(10_000);
    expect(matchTasks(of('old'), notes()).lost).toHaveLength(10_000);
  });
});
