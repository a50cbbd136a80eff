import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  editTaskText,
  findNoteTasks,
  hasChildren,
  insertTaskLine,
  meaningOf,
  parseTaskText,
  printTaskText,
  replaceLines,
  type TaskTextChange,
} from '../src/tasks/index.ts';

const word = fc.constantFrom(
  'Sow',
  'peas',
  'Ä',
  '買う',
  '🌱',
  'a#b',
  '[[N#h]]',
  '(x)',
  '[y]',
  '%%',
  '\u00a0',
  '\u{fe0f}',
  '\ud800',
);
const field = fc.constantFrom(
  '📅 2026-03-01',
  '📅2026-02-30',
  '⏳ 2026-01-01',
  '[due:: 2026-03-01]',
  '(start:: 2026-03-01),',
  '[priority:: low]',
  '⏫',
  '🔽\u{fe0f}',
  '🔁 every week on Monday when done',
  '🔁 every',
  '🆔 a-1',
  '⛔\u{fe0f} a-1, b',
  '🏁 delete',
  '✅ 2026-03-01',
  '#home',
  '#home/garden',
  '^block-1',
);
const space = fc.constantFrom(' ', '  ', '\t', '');
/** Texts that look like those of tasks, and some that are broken; white space before them belongs to the checkbox. */
const taskText = fc
  .array(
    fc.tuple(
      fc.oneof({ weight: 2, arbitrary: word }, { weight: 3, arbitrary: field }, fc.string({ maxLength: 4 })),
      space,
    ),
  )
  .map((parts) =>
    parts
      .flat()
      .join('')
      .replaceAll(/[\n\r\u2028\u2029]/g, '')
      .trimStart(),
  );

describe('the text of a task', () => {
  test('is printed byte for byte as it was read', () => {
    fc.assert(
      fc.property(taskText, (text) => {
        expect(printTaskText(parseTaskText(text))).toBe(text);
      }),
      { numRuns: 1_000 },
    );
  });

  test('stays as it is when what it says already is written', () => {
    fc.assert(
      fc.property(taskText, (text) => {
        const parsed = parseTaskText(text);
        const { tags, dueDate, priority } = meaningOf(parsed);
        const same: TaskTextChange = {
          tags,
          ...(dueDate === null ? {} : { dueDate }),
          ...(priority === null ? {} : { priority }),
        };
        const said = (given: string) => ({ ...meaningOf(parseTaskText(given)), warnings: [] });
        expect(said(printTaskText(editTaskText(parsed, same)))).toEqual({ ...meaningOf(parsed), warnings: [] });
      }),
      { numRuns: 1_000 },
    );
  });

  test('says what it is made to say, and the same as before otherwise', () => {
    fc.assert(
      fc.property(taskText, (text) => {
        const startDate = '2030-01-01';
        const before = meaningOf(parseTaskText(text));
        const after = meaningOf(parseTaskText(printTaskText(editTaskText(parseTaskText(text), { startDate }))));
        expect({ ...after, warnings: [] }).toEqual({ ...before, startDate, warnings: [] });
      }),
      { numRuns: 1_000 },
    );
  });

  test('may have any number of fields', () => {
    for (const part of ['📅 2026-03-01 ', '[due:: x', '#a ', '🔁 every ', 'a b, ']) {
      const text = part.repeat(50_000);
      expect(printTaskText(parseTaskText(text)) === text).toBe(true);
    }
  });
});

describe('an edit of a task', () => {
  test.each<[string, TaskTextChange, string]>([
    ['Sow 📅 2026-03-01 ⏫', { dueDate: '2026-04-01' }, 'Sow 📅 2026-04-01 ⏫'],
    ['Sow  📆2026-03-01  ⏫ ', { dueDate: '2026-04-01' }, 'Sow  📆2026-04-01  ⏫ '],
    ['Sow 📅 2026-03-01 ⏫', { dueDate: null }, 'Sow ⏫'],
    ['Sow 📅 2026-03-01 ⏫', { priority: 'low' }, 'Sow 📅 2026-03-01 🔽'],
    ['Sow ⏫', { priority: null }, 'Sow'],
    ['Sow', { dueDate: '2026-03-01' }, 'Sow 📅 2026-03-01'],
    ['Sow ^b1', { dueDate: '2026-03-01' }, 'Sow 📅 2026-03-01 ^b1'],
    ['Sow #a', { dueDate: '2026-03-01' }, 'Sow #a 📅 2026-03-01'],
    ['Sow [start:: 2026-01-01]', { dueDate: '2026-03-01' }, 'Sow [start:: 2026-01-01]  [due:: 2026-03-01]'],
    ['Sow (due:: 2026-01-01)', { dueDate: '2026-03-01' }, 'Sow (due:: 2026-03-01)'],
    ['Sow [priority:: low] ^b1', { priority: 'high' }, 'Sow [priority:: high] ^b1'],
    ['Sow 📅 2026-02-30', { dueDate: '2026-03-01' }, 'Sow 📅 2026-03-01'],
    ['Sow 📅 2026-03-01 📅 2026-04-01', { dueDate: null }, 'Sow'],
    ['Sow 📅 2026-03-01', { title: 'Plant' }, 'Plant 📅 2026-03-01'],
    ['Sow #a the 📅 2026-03-01', { title: 'Plant' }, 'Plant #a 📅 2026-03-01'],
    ['📅 2026-03-01', { title: 'Plant' }, 'Plant 📅 2026-03-01'],
    ['', { title: 'Plant', tags: ['#a'], priority: 'high', dueDate: '2026-03-01' }, 'Plant #a ⏫ 📅 2026-03-01'],
    ['Sow #a #b 📅 2026-03-01 #c', { tags: ['#b'] }, 'Sow #b 📅 2026-03-01'],
    ['Sow #a now', { tags: [] }, 'Sow now'],
    ['#a Sow', { tags: [] }, 'Sow'],
    ['Sow 📅 2026-03-01', { tags: ['#x'] }, 'Sow #x 📅 2026-03-01'],
    ['Sow #x', { tags: ['#x'] }, 'Sow #x'],
    ['Sow', { recurrence: 'every day', externalId: 'a1', dependsOn: 'b,c' }, 'Sow 🆔 a1 ⛔ b,c 🔁 every day'],
    ['Sow 🔁 every week 📅 2026-03-01', { recurrence: 'every day' }, 'Sow 🔁 every day 📅 2026-03-01'],
    ['Sow ⛔ a,b', { dependsOn: null }, 'Sow'],
    ['Sow 🏁 delete', { doneDate: '2026-03-01' }, 'Sow 🏁 delete ✅ 2026-03-01'],
    ['Sow 📅 2026-03-01 ^b1', { block: null }, 'Sow 📅 2026-03-01'],
    ['Sow', {}, 'Sow'],
  ])('%j with %j becomes %j', (text, change, expected) => {
    expect(printTaskText(editTaskText(parseTaskText(text), change))).toBe(expected);
  });
});

describe('the tasks of a note', () => {
  const note =
    '---\na: 1\n---\n# One\n- [ ] a\n  - [x] b\n\n## Two\n> [!todo] Callout\n> 1. [ ] c\n\nThree\n=====\n\t- [ ] code\n- [/] d';

  test('are found with their lines and the headings they stand under', () => {
    expect(findNoteTasks(note).map(({ line, heading, meaning, type }) => [line, heading, meaning.title, type])).toEqual(
      [
        [5, 'One', 'a', 'todo'],
        [6, 'One', 'b', 'done'],
        [10, 'Two', 'c', 'todo'],
        [15, 'Three', 'd', 'in_progress'],
      ],
    );
  });

  test.each([
    ['a\nb\nc\n', new Map([[2, ['x']]]), 'a\nx\nc\n'],
    ['a\r\nb\r\nc', new Map([[2, ['x', 'y']]]), 'a\r\nx\r\ny\r\nc'],
    ['a\r\nb\r\nc', new Map([[3, ['x', 'y']]]), 'a\r\nb\r\nx\r\ny'],
    [
      'a\nb\nc',
      new Map([
        [1, []],
        [3, ['z']],
      ]),
      'b\nz',
    ],
    ['a', new Map([[1, []]]), ''],
    ['\u{feff}a\n\n\nb\n', new Map([[4, ['x']]]), '\u{feff}a\n\n\nx\n'],
  ])('%j with %j becomes %j', (content, edits, expected) => {
    expect(replaceLines(content, edits)).toBe(expected);
  });

  test.each([
    ['', null, '- [ ] n\n', 1],
    ['a\n', null, 'a\n- [ ] n\n', 2],
    ['a', null, 'a\n- [ ] n\n', 2],
    ['- [ ] a\n\n\n', null, '- [ ] a\n- [ ] n\n\n\n', 2],
    ['# H\n', null, '# H\n\n- [ ] n\n', 3],
    ['# H\n- [ ] a\n\n# I\n', 'h', '# H\n- [ ] a\n- [ ] n\n\n# I\n', 3],
    ['# H\n## Sub\nx\n# I\ny\n', '# H', '# H\n## Sub\nx\n- [ ] n\n# I\ny\n', 4],
    ['# H\r\n\r\n# I\r\n', 'H', '# H\r\n\r\n- [ ] n\r\n\r\n# I\r\n', 3],
  ])('a line is added to %j under %j', (content, heading, expected, line) => {
    expect(insertTaskLine(content, '- [ ] n', heading)).toMatchObject({ content: expected, line });
    expect(findNoteTasks(expected).some((task) => task.line === line)).toBe(true);
  });

  test('are not added under a heading that is not there', () => {
    expect(insertTaskLine('# H\n', '- [ ] n', 'J')).toBeUndefined();
  });

  test.each([
    ['- [ ] a\n  - b\n', 1, true],
    ['- [ ] a\n\n    text\n', 1, true],
    ['- [ ] a\n- b\n', 1, false],
    ['> - [ ] a\n>   - b\n', 1, true],
    ['> - [ ] a\n> text\n', 1, false],
    ['\t- [ ] a\n- b\n', 1, false],
    ['- [ ] a', 1, false],
  ])('%j: whether line %i has lines of its own below is %s', (content, line, expected) => {
    expect(hasChildren(content, line)).toBe(expected);
  });
});
