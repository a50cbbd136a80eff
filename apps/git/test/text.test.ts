import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { paragraphsOf } from '../src/domain/history/paragraphs.ts';
import { readHunks } from '../src/domain/history/patch.ts';
import { compareWords } from '../src/domain/history/words.ts';
import { fromGit } from '../src/domain/program/failure.ts';
import { bytesOf } from '../src/domain/validation/rules.ts';

describe('the paragraphs of a note', () => {
  const at = (text: string) => paragraphsOf(text).map(({ startLine, endLine }) => [startLine, endLine]);

  test.each<[string, number[][]]>([
    ['', []],
    ['one\n', [[1, 1]]],
    [
      'one\ntwo\n\n\nthree',
      [
        [1, 2],
        [5, 5],
      ],
    ],
    [
      '---\na: 1\n\nb: 2\n---\ntext\n',
      [
        [1, 5],
        [6, 6],
      ],
    ],
    [
      '```js\na\n\nb\n```\n\nafter\n',
      [
        [1, 5],
        [7, 7],
      ],
    ],
    ['~~~~\n```\n\n~~~~\n', [[1, 4]]],
    ['---\nnever closed\n', [[1, 2]]],
  ])('of %j are the lines %j', (text, lines) => {
    expect(at(text)).toEqual(lines);
  });

  test('hold every line that is not blank, once, in its order', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('', 'a', '---', '```', '> b')), (lines) => {
        const within = paragraphsOf(lines.join('\n')).flatMap(({ startLine, endLine }) =>
          Array.from({ length: endLine - startLine + 1 }, (_, index) => startLine + index),
        );
        expect(within).toEqual([...new Set(within)].sort((one, other) => one - other));
        for (const [index, line] of lines.entries()) if (line !== '') expect(within).toContain(index + 1);
      }),
    );
  });
});

test('the words of two lines are both lines again', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (before, after) => {
      const words = compareWords(before, after);
      expect(words.before.map(({ text }) => text).join('')).toBe(before);
      expect(words.after.map(({ text }) => text).join('')).toBe(after);
    }),
  );
});

test('a patch is read hunk by hunk, without its header and its note on missing line ends', () => {
  const patch =
    '--- a/A.md\n+++ b/A.md\n@@ -1 +1,2 @@\n-old\n+new\n+more\n\\ No newline at end of file\n@@ -9,0 +11 @@ x\n+end\n';
  expect(
    readHunks(patch).map(({ lines, ...range }) => [
      range,
      lines.map(({ kind, oldLine, newLine, text }) => [kind, oldLine, newLine, text]),
    ]),
  ).toEqual([
    [
      { oldStart: 1, oldLines: 1, newStart: 1, newLines: 2 },
      [
        ['removed', 1, null, 'old'],
        ['added', null, 1, 'new'],
        ['added', null, 2, 'more'],
      ],
    ],
    [{ oldStart: 9, oldLines: 0, newStart: 11, newLines: 1 }, [['added', null, 11, 'end']]],
  ]);
});

test('sizes in rules are bytes, or have a unit', () => {
  expect([12, '12 B', '1.5 kB', '5MB', '1 GB'].map((size) => bytesOf(size))).toEqual([12, 12, 1500, 5e6, 1e9]);
});

test.each<[string, string]>([
  ["fatal: detected dubious ownership in repository at '/v'", 'repository-not-owned'],
  ["fatal: could not read Username for 'https://x': terminal prompts disabled", 'remote-authentication'],
  ['git@x: Permission denied (publickey).\nfatal: Could not read from remote repository.', 'remote-authentication'],
  ['ssh: Could not resolve hostname x\nfatal: Could not read from remote repository.', 'remote-unreachable'],
  ["fatal: Unable to create '/v/.git/index.lock': File exists.", 'repository-locked'],
  ["fatal: cannot lock ref 'refs/heads/main': is at 12ab but expected 34cd", 'head-moved'],
  [' ! [rejected]  HEAD -> main (fetch first)', 'remote-moved'],
  [' ! [remote rejected] HEAD -> main (pre-receive hook declined)', 'remote-refused'],
  ['error: object file .git/objects/12/34 is empty\nfatal: loose object 1234 is corrupt', 'repository-damaged'],
  ["fatal: couldn't find remote ref refs/heads/main", 'remote-empty'],
  ['fatal: something nobody has seen', 'git-failed'],
])('git saying %j means %s', (said, code) => {
  expect(fromGit('x', 128, said).code).toBe(code);
});

test('what git says is told without the password in an address', () => {
  const error = fromGit(
    'fetch',
    128,
    "fatal: unable to access 'https://ana:secret@example.org/': Could not resolve host",
  );
  expect(error.message).toContain('https://…@example.org');
  expect(error.message).not.toContain('secret');
});
