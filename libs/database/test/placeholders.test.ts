import { expect, test } from 'vitest';
import { numberPlaceholders } from '../src/postgresql/placeholders.ts';

test.each([
  ['SELECT ?', 'SELECT $1'],
  ['SELECT ?, ? WHERE a = ?', 'SELECT $1, $2 WHERE a = $3'],
  [`SELECT '?', 'it''s ?', ?`, `SELECT '?', 'it''s ?', $1`],
  ['SELECT "a?""?" = ?', 'SELECT "a?""?" = $1'],
  ['SELECT ? -- why?\n, ?', 'SELECT $1 -- why?\n, $2'],
  ['SELECT /* ? \n ? */ ?', 'SELECT /* ? \n ? */ $1'],
  ['SELECT $$ ? $$, $a$ ? $$ ? $a$, ?', 'SELECT $$ ? $$, $a$ ? $$ ? $a$, $1'],
  ['SELECT 1', 'SELECT 1'],
])('%s becomes %s', (text, expected) => {
  expect(numberPlaceholders(text)).toBe(expected);
});
