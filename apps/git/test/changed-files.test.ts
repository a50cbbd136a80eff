import { expect, test } from 'vitest';
import { readNameStatus, readRawStatus } from '../src/domain/commit/changed-files.ts';

const fields = (...parts: string[]) => parts.flatMap((part) => part.split('|'));
const files = [
  { path: 'A.md', from: null, change: 'modified' },
  { path: 'New.md', from: 'Old.md', change: 'renamed' },
  { path: ':odd.md', from: null, change: 'added' },
  { path: 'Gone.md', from: null, change: 'deleted' },
];

test('what became of each file is read from its letter', () => {
  expect(readNameStatus(fields('M|A.md', 'R090|Old.md|New.md', 'A|:odd.md', 'D|Gone.md'))).toEqual(files);
});

test('what became of each file is read from raw lines, up to what follows them', () => {
  const counts = fields('1\t2\tA.md', '0\t0\t|Old.md|New.md', '3\t0\t:odd.md', '0\t4\tGone.md');
  const raw = fields(
    ':100644 100644 a b M|A.md',
    ':100644 100644 c d R090|Old.md|New.md',
    ':000000 100644 0 e A|:odd.md',
    ':100644 000000 f 0 D|Gone.md',
  );
  expect(readRawStatus([...raw, ...counts])).toEqual({ files, rest: counts });
  expect(readRawStatus([])).toEqual({ files: [], rest: [] });
});
