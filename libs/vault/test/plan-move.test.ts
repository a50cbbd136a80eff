import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  allLinks,
  createLinkIndex,
  fileLinks,
  isWikiTarget,
  linkKeys,
  moveKeys,
  parseNote,
  planMove,
  rewriteLinks,
} from '../src/index.ts';

type Vault = Record<string, string>;

function move(vault: Vault, moves: Record<string, string>): Vault {
  const index = createLinkIndex(Object.keys(vault));
  const notes = Object.entries(vault).map(([path, text]) => ({ path, text }));
  const { changed } = planMove({ moves: new Map(Object.entries(moves)), index, files: notes });
  return Object.fromEntries(notes.map(({ path, text }) => [moves[path] ?? path, changed.get(path) ?? text]));
}

describe('rewriteLinks', () => {
  test.each<[string, string, string]>([
    ['[[Old]] [[Old#h|x]] ![[Old]]', 'New', '[[New]] [[New#h|x]] ![[New]]'],
    ['| [[Old\\|x]] |', 'New', '| [[New\\|x]] |'],
    ['[[ Old |x]]', 'New', '[[ New |x]]'],
    ['[a](Old.md#h "t")', 'a b (c.md', '[a](a%20b%20%28c.md#h "t")'],
    ['[a](Old.md)', 'a (b).md', '[a](a%20(b).md)'],
    ['[a](<Old.md#h>)', 'a b (c.md', '[a](<a b (c.md#h>)'],
    ['[a](Old.md)', '50% %41#?.md', '[a](50%25%20%2541%23%3F.md)'],
    ['[a](Old.md)', '100% sure.md', '[a](100%25%20sure.md)'],
    ['[a](<Old.md>)', '100% sure?.md', '[a](<100%25 sure%3F.md>)'],
    ['[a](Old.md#h)', 'a#b?c.md', '[a](a%23b%3Fc.md#h)'],
    ['[a](Old.md)', 'a[b]{c}|d^e`f"g.md', '[a](a%5Bb%5D%7Bc%7D%7Cd%5Ee%60f%22g.md)'],
    ['[a](Old.md)', 'a\\b<c>.md', '[a](a%5Cb%3Cc%3E.md)'],
    ['[a](Old.md)', 'a&copy;b&c.md', '[a](a%26copy;b&c.md)'],
    ['[a](Old.md)', "~!$'()*+,;=@-_.md", "[a](~!$'()*+,;=@-_.md)"],
    ['[a](Old.md)', 'At 10:30/b: c.md', '[a](At%2010%3A30/b:%20c.md)'],
    ['[a](Old.md)', '日本 100%.md', '[a](日本%20100%25.md)'],
    ['[k]: Old.md "t"', '100% (sure.md', '[k]: 100%25%20%28sure.md "t"'],
    ['[a](%C3%A4.md)', 'ö.md', '[a](%C3%B6.md)'],
    ['[a](ä.md)', 'ö.md', '[a](ö.md)'],
    ['[a](Old.md)', 'Plan:b.md', '[a](Plan%3Ab.md)'],
    ['[![i](Old.png)](Old.md)', 'New', '[![i](New)](New)'],
    ['[[Old]]', 'a|b', '[[Old]]'],
    ['`[[Old]]` [[Old]]', 'New', '`[[Old]]` [[New]]'],
    ['---\nup: "[[Old]]"\n---\n[[Old]]', 'New', '---\nup: "[[New]]"\n---\n[[New]]'],
    ["---\nup: '[[Old]]'\n---\n", "It's", "---\nup: '[[It''s]]'\n---\n"],
    ['---\nup: "[[Old]]"\n---\n', 'a"b', '---\nup: "[[a\\"b]]"\n---\n'],
    ['---\nup: x [[Old]]\n---\n', 'a: b', '---\nup: "x [[a: b]]"\n---\n'],
    ['---\nup: x [[Old]] # c\n---\n', 'a "b" \\c: d', '---\nup: "x [[a \\"b\\" \\\\c: d]]" # c\n---\n'],
    ['---\nup: "[[Old|a\\tb]]"\n---\n', 'a\\b', '---\nup: "[[a\\\\b|a\\tb]]"\n---\n'],
    ['---\nup: "[[\\x4fld#H]] \\"q\\""\n---\n', 'New', '---\nup: "[[New#H]] \\"q\\""\n---\n'],
    ["---\nup: '[[Old]] it''s [x](Old.md)'\n---\n", "it's", "---\nup: '[[it''s]] it''s [x](it''s)'\n---\n"],
    ['---\nup:\n  - "[x](Old.md#H)"\n---\n', 'a b.md', '---\nup:\n  - "[x](a%20b.md#H)"\n---\n'],
    ['---\nup: [x [[Old]], "y"]\n---\n', 'New', '---\nup: [x [[Old]], "y"]\n---\n'],
  ])('%j to %s', (text, target, expected) => {
    expect(rewriteLinks(text, fileLinks('a.md', text), () => target)).toBe(expected);
  });

  test('markdown targets of any spelling are read back', () => {
    const name = fc.string({ minLength: 1, maxLength: 12, unit: 'grapheme' }).filter((text) => !/[/\n\r]/.test(text));
    const style = fc.constantFrom('[a](Old.md)', '[a](<Old.md>)', '[a](%28%C3%A4.md)');
    fc.assert(
      fc.property(name, style, (target, text) => {
        const changed = rewriteLinks(text, fileLinks('a.md', text), () => target);
        expect(parseNote(changed).links[0]).toMatchObject({ target, external: false, end: changed.length });
      }),
      { numRuns: 3000 },
    );
  });
});

describe('planMove', () => {
  test.each<[string, Vault, Record<string, string>, Vault]>([
    [
      'a bare name stays bare',
      { 'Old.md': '', 'n.md': '[[Old]] [[old|x]] [[Old.md#h]] [m](Old.md) `[[Old]]` [[Other]]' },
      { 'Old.md': 'New.md' },
      { 'New.md': '', 'n.md': '[[New]] [[New|x]] [[New.md#h]] [m](New.md) `[[Old]]` [[Other]]' },
    ],
    [
      'a bare name that still resolves is not touched',
      { 'a/Old.md': '', 'n.md': '[[Old]] [[a/Old]] [[a/Old.md]]' },
      { 'a/Old.md': 'b/Old.md' },
      { 'b/Old.md': '', 'n.md': '[[Old]] [[b/Old]] [[b/Old.md]]' },
    ],
    [
      'a name that is contested gets its full path',
      { 'a/Old.md': '', 'New.md': '', 'n.md': '[[Old]]' },
      { 'a/Old.md': 'a/New.md' },
      { 'a/New.md': '', 'New.md': '', 'n.md': '[[a/New]]' },
    ],
    [
      'a captured name keeps its target',
      { 'deep/er/X.md': '', 'a/Y.md': '', 'n.md': '[[X]] ![[X#h]]' },
      { 'a/Y.md': 'X.md' },
      { 'deep/er/X.md': '', 'X.md': '', 'n.md': '[[deep/er/X]] ![[deep/er/X#h]]' },
    ],
    [
      'relative links of a moved note keep pointing where they did',
      { 'a/n.md': '[x](./b.md) [y](../c.md) [[../c|z]]', 'a/b.md': '', 'c.md': '' },
      { 'a/n.md': 'd/e/n.md' },
      { 'd/e/n.md': '[x](../../a/b.md) [y](../../c.md) [[../../c|z]]', 'a/b.md': '', 'c.md': '' },
    ],
    [
      'relative and rooted links follow a moved file',
      { 'a/n.md': '[x](../b/Old.md) [y](/b/Old.md) [[./k]]', 'b/Old.md': '', 'a/k.md': '' },
      { 'b/Old.md': 'c/New.md', 'a/k.md': 'a/l.md' },
      { 'a/n.md': '[x](../c/New.md) [y](/c/New.md) [[./l]]', 'c/New.md': '', 'a/l.md': '' },
    ],
    [
      'attachments keep their extension',
      { 'i/p.png': '', 'n.md': '![[p.png]] ![x](i/p.png) ![[i/p.png|10]]' },
      { 'i/p.png': 'j/q r.png' },
      { 'j/q r.png': '', 'n.md': '![[q r.png]] ![x](j/q%20r.png) ![[j/q r.png|10]]' },
    ],
    [
      'a change of case is spelled out',
      { 'note.md': '', 'n.md': '[[note]] [[NOTE]]' },
      { 'note.md': 'Note.md' },
      { 'Note.md': '', 'n.md': '[[Note]] [[NOTE]]' },
    ],
    [
      'two files change places',
      { 'a.md': '[[b]]', 'b.md': '[[a]] [[#x]]', 'n.md': '[[a]] [[b]]' },
      { 'a.md': 'b.md', 'b.md': 'a.md' },
      { 'b.md': '[[a]]', 'a.md': '[[b]] [[#x]]', 'n.md': '[[b]] [[a]]' },
    ],
    [
      'links that resolve to nothing stay, even when the move gives them a target',
      { 'Old.md': '', 'n.md': '[[New]] [[Gone]]' },
      { 'Old.md': 'New.md' },
      { 'New.md': '', 'n.md': '[[New]] [[Gone]]' },
    ],
    [
      'properties are rewritten',
      { 'Old.md': '', 'n.md': '---\nup: "[[Old|x]]"\nsee:\n  - \'[[Old]]\'\n---\n' },
      { 'Old.md': "It's.md" },
      { "It's.md": '', 'n.md': "---\nup: \"[[It's|x]]\"\nsee:\n  - '[[It''s]]'\n---\n" },
    ],
    [
      'names a wikilink cannot hold are left, markdown links follow',
      { 'Old.md': '', 'n.md': '[[Old]] [x](Old.md)' },
      { 'Old.md': 'C#.md' },
      { 'C#.md': '', 'n.md': '[[Old]] [x](C%23.md)' },
    ],
    [
      'the end of a path stays the end of a path',
      { 'x/y/Old.md': '', 'n.md': '[[y/Old]]' },
      { 'x/y/Old.md': 'x/y/New.md' },
      { 'x/y/New.md': '', 'n.md': '[[y/New]]' },
    ],
    [
      'a folder moves with notes that link to each other',
      { 'f/a.md': '[[f/b]] [x](b.md) [[c]]', 'f/b.md': '[[../c]]', 'c.md': '[[f/a]]' },
      { 'f/a.md': 'g/h/a.md', 'f/b.md': 'g/h/b.md' },
      { 'g/h/a.md': '[[g/h/b]] [x](b.md) [[c]]', 'g/h/b.md': '[[../../c]]', 'c.md': '[[g/h/a]]' },
    ],
  ])('%s', (_, before, moves, after) => expect(move(before, moves)).toEqual(after));

  test('isWikiTarget', () => {
    expect(['a b', "it's", 'ä/b.c'].every(isWikiTarget)).toBe(true);
    expect(['a#b', 'a|b', 'a[b', 'a]b', 'a^b', 'a\nb', ' a'].some(isWikiTarget)).toBe(false);
  });
});

const folder = fc.constantFrom('', 'a/', 'b/', 'a/b/', 'c d/');
const name = fc.constantFrom('N', 'n', 'M', 'Note x', 'v1.2', 'Ü', "it's");
const ending = fc.constantFrom('.md', '.md', '.md', '.png');
const path = fc.tuple(folder, name, ending).map((parts) => parts.join(''));

function written(target: string, style: number): string {
  const bare = target.slice(target.lastIndexOf('/') + 1);
  const noMd = (text: string): string => text.replace(/\.md$/, '');
  const encoded = (text: string): string => encodeURI(text).replaceAll('%C3%9C', 'Ü');
  return (
    [
      `[[${noMd(bare)}]]`,
      `[[${noMd(target)}#h|x]]`,
      `![[${target}]]`,
      `[x](${encoded(bare)})`,
      `[x](${encoded(target)} "t")`,
      `[x](<${target}#h>)`,
      `[[/${noMd(target)}]]`,
      `[x](./${encoded(bare)})`,
      `[[../${noMd(target)}]]`,
      `[x](../${encoded(bare)})`,
    ][style] ?? ''
  );
}

const vaultArbitrary = fc
  .uniqueArray(path, { minLength: 2, maxLength: 9 })
  .chain((paths) =>
    fc.tuple(
      fc.constant(paths),
      fc.array(fc.array(fc.tuple(fc.constantFrom(...paths), fc.nat(9)), { maxLength: 5 }), {
        minLength: paths.length,
        maxLength: paths.length,
      }),
    ),
  )
  .map(([paths, links]) => {
    const vault: Vault = {};
    paths.forEach((file, i) => {
      const texts = (links[i] ?? []).map(([target, style]) => written(target, style));
      if (file.endsWith('.md'))
        vault[file] = `---\nup: "${texts[0]?.startsWith('[[') ? texts[0] : ''}"\n---\n${texts.join(' ')}\n`;
      else vault[file] = '';
    });
    return vault;
  });

function resolved(vault: Vault): Map<string, (string | null)[]> {
  const index = createLinkIndex(Object.keys(vault));
  return new Map(
    Object.entries(vault).map(([file, text]) => [
      file,
      allLinks(parseNote(text), text).map((link) => index.resolve(link.target, file)),
    ]),
  );
}

describe('after any move', () => {
  const moving = vaultArbitrary.chain((vault) =>
    fc
      .array(fc.tuple(fc.constantFrom(...Object.keys(vault)), path), { minLength: 1, maxLength: 3 })
      .map((pairs): [Vault, Record<string, string>] => {
        const moves: Record<string, string> = {};
        const taken = new Set(Object.keys(vault));
        for (const [from, to] of pairs) {
          if (from in moves || taken.has(to) || from.endsWith('.png') !== to.endsWith('.png')) continue;
          moves[from] = to;
          taken.add(to);
        }
        return [vault, moves];
      }),
  );

  test('every resolved link means the moved image of what it meant', () => {
    fc.assert(
      fc.property(moving, ([vault, moves]) => {
        const before = resolved(vault);
        const after = resolved(move(vault, moves));
        for (const [file, targets] of before) {
          const now = after.get(moves[file] ?? file) ?? [];
          expect(now).toHaveLength(targets.length);
          targets.forEach((target, i) => {
            if (target !== null) expect(now[i]).toBe(moves[target] ?? target);
          });
        }
      }),
      { numRuns: 4000 },
    );
  });

  test('the notes that change are among those the keys name', () => {
    fc.assert(
      fc.property(moving, ([vault, moves]) => {
        const keys = moveKeys(new Map(Object.entries(moves)));
        const after = move(vault, moves);
        for (const [file, text] of Object.entries(vault)) {
          if (after[moves[file] ?? file] === text || file in moves) continue;
          expect(linkKeys('a.md', text).some((key) => keys.has(key))).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('renaming a note to a free name and back restores every byte', () => {
    const renaming = vaultArbitrary.chain((vault) =>
      fc.tuple(fc.constant(vault), fc.constantFrom(...Object.keys(vault))),
    );
    fc.assert(
      fc.property(renaming, ([vault, from]) => {
        const to = from.replace(/[^/]*(\.\w+)$/, 'Free name$1');
        const there = move(vault, { [from]: to });
        expect(there[to]).toBeDefined();
        const again = move(there, { [to]: from });
        const contested = Object.keys(vault).some((file) => file !== from && sameName(file, from));
        if (!contested && isSpelledExactly(vault, from)) expect(again).toEqual(vault);
        else expect(resolved(again)).toEqual(resolved(vault));
      }),
      { numRuns: 3000 },
    );
  });
});

function sameName(a: string, b: string): boolean {
  const nameOf = (file: string): string =>
    file
      .slice(file.lastIndexOf('/') + 1)
      .replace(/\.md$/, '')
      .toLowerCase();
  return nameOf(a) === nameOf(b);
}

function isSpelledExactly(vault: Vault, file: string): boolean {
  const index = createLinkIndex(Object.keys(vault));
  return Object.entries(vault).every(([source, text]) =>
    allLinks(parseNote(text), text).every((link) => {
      if (index.resolve(link.target, source) !== file) return true;
      const last = link.target.slice(link.target.lastIndexOf('/') + 1).replace(/\.md$/, '');
      return file.includes(last);
    }),
  );
}

test('a written destination is a URL path that reads as the target it was written for', () => {
  const name = fc
    .string({ unit: fc.constantFrom(...'ab%?#[]()<>&;:/ \\"\'^`{|}~.éあ😀25'), minLength: 1, maxLength: 12 })
    .filter((target) => target.trim() === target && !target.startsWith('/'));
  fc.assert(
    fc.property(
      name,
      fc.constantFrom('[a](Old.md)', '[a](<Old.md>)', '[k]: Old.md', '[k]: <Old.md> "t"'),
      (target, link) => {
        const text = rewriteLinks(link, fileLinks('a.md', link), () => target);
        const [found] = parseNote(text).links;
        expect(found?.target).toBe(target);
        const written = text.slice(found?.targetStart, found?.targetEnd);
        expect(() => decodeURIComponent(written)).not.toThrow();
        expect(decodeURIComponent(written)).toBe(target);
        if (!link.includes('<')) expect(written).toMatch(/^(?:[\w\-.~!$&'()*+,;=:@/]|%[0-9A-F]{2}|[^ -~])+$/);
      },
    ),
    { numRuns: 3000 },
  );
});
