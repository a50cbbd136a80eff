import { describe, expect, test } from 'vitest';
import { findNoteTasks, type TaskMeaning } from '../src/tasks/index.ts';

/** What is expected beside the title and `todo`; the short names stand for the fields of the same order. */
interface Said {
  type?: string;
  tags?: string[];
  priority?: string;
  due?: string;
  scheduled?: string;
  start?: string;
  done?: string;
  cancelled?: string;
  created?: string;
  repeat?: string;
  id?: string;
  dependsOn?: string[];
  deletes?: true;
  warnings?: number;
}

function saidBy(type: string, meaning: TaskMeaning): Said {
  const said = {
    type: type === 'todo' ? undefined : type,
    tags: meaning.tags.length > 0 ? meaning.tags : undefined,
    priority: meaning.priority ?? undefined,
    due: meaning.dueDate ?? undefined,
    scheduled: meaning.scheduledDate ?? undefined,
    start: meaning.startDate ?? undefined,
    done: meaning.doneDate ?? undefined,
    cancelled: meaning.cancelledDate ?? undefined,
    created: meaning.createdDate ?? undefined,
    repeat: meaning.recurrence ?? undefined,
    id: meaning.externalId ?? undefined,
    dependsOn: meaning.dependsOn.length > 0 ? meaning.dependsOn : undefined,
    deletes: meaning.onCompletion === 'delete' || undefined,
    warnings: meaning.warnings.length || undefined,
  };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as Said;
}

type Row = [line: string, title: string, said?: Said];

/** Lines of one task each, and what the documentation of Obsidian Tasks says that they mean. */
const tables: Readonly<Record<string, readonly Row[]>> = {
  'list items and status characters': [
    ['- [ ] Sow peas', 'Sow peas'],
    ['* [ ] Sow peas', 'Sow peas'],
    ['+ [ ] Sow peas', 'Sow peas'],
    ['1. [ ] Sow peas', 'Sow peas'],
    ['12) [ ] Sow peas', 'Sow peas'],
    ['  - [ ] Sow peas', 'Sow peas'],
    ['-   [ ] Sow peas', 'Sow peas'],
    ['- [ ]   Sow peas   ', 'Sow peas'],
    ['- [ ] ', ''],
    ['> - [ ] Sow peas', 'Sow peas'],
    ['> > - [ ] Sow peas 📅 2026-03-01', 'Sow peas', { due: '2026-03-01' }],
    ['>- [ ] Sow peas', 'Sow peas'],
    ['- [x] Sow peas', 'Sow peas', { type: 'done' }],
    ['- [X] Sow peas', 'Sow peas', { type: 'done' }],
    ['- [/] Sow peas', 'Sow peas', { type: 'in_progress' }],
    ['- [-] Sow peas', 'Sow peas', { type: 'cancelled' }],
    ['- [?] Sow peas', 'Sow peas'],
    ['- [!] Sow peas', 'Sow peas'],
    ['- [>] Sow peas', 'Sow peas'],
    ['- [ö] Sow peas', 'Sow peas'],
    ['- [🌱] Sow peas', 'Sow peas'],
    ['- [ ] [link](a.md) and [[Note]]', '[link](a.md) and [[Note]]'],
    ['- [ ] [x] in brackets', '[x] in brackets'],
    ['- [ ] Äpfel & Birnen – „gut"', 'Äpfel & Birnen – „gut"'],
    ['- [ ] 買い物 📅 2026-03-01', '買い物', { due: '2026-03-01' }],
  ],
  'dates with emoji': [
    ['- [ ] Prune 📅 2026-03-01', 'Prune', { due: '2026-03-01' }],
    ['- [ ] Prune 📆 2026-03-01', 'Prune', { due: '2026-03-01' }],
    ['- [ ] Prune 🗓 2026-03-01', 'Prune', { due: '2026-03-01' }],
    ['- [ ] Prune 🗓️ 2026-03-01', 'Prune', { due: '2026-03-01' }],
    ['- [ ] Prune 📅2026-03-01', 'Prune', { due: '2026-03-01' }],
    ['- [ ] Prune 📅   2026-03-01', 'Prune', { due: '2026-03-01' }],
    ['- [ ] Prune📅 2026-03-01', 'Prune', { due: '2026-03-01' }],
    ['- [ ] Prune ⏳ 2026-03-01', 'Prune', { scheduled: '2026-03-01' }],
    ['- [ ] Prune ⌛ 2026-03-01', 'Prune', { scheduled: '2026-03-01' }],
    ['- [ ] Prune ⏳️ 2026-03-01', 'Prune', { scheduled: '2026-03-01' }],
    ['- [ ] Prune 🛫 2026-03-01', 'Prune', { start: '2026-03-01' }],
    ['- [ ] Prune ➕ 2026-03-01', 'Prune', { created: '2026-03-01' }],
    ['- [x] Prune ✅ 2026-03-01', 'Prune', { type: 'done', done: '2026-03-01' }],
    ['- [-] Prune ❌ 2026-03-01', 'Prune', { type: 'cancelled', cancelled: '2026-03-01' }],
    [
      '- [ ] Prune 🛫 2026-01-01 ⏳ 2026-02-01 📅 2026-03-01',
      'Prune',
      { start: '2026-01-01', scheduled: '2026-02-01', due: '2026-03-01' },
    ],
    [
      '- [ ] Prune 📅 2026-03-01 ⏳ 2026-02-01 🛫 2026-01-01',
      'Prune',
      { start: '2026-01-01', scheduled: '2026-02-01', due: '2026-03-01' },
    ],
    ['- [ ] Prune 📅 2026-03-01 ➕ 2025-12-31', 'Prune', { due: '2026-03-01', created: '2025-12-31' }],
    ['- [ ] 📅 2026-03-01', '', { due: '2026-03-01' }],
    ['- [ ] Prune 📅 2026-02-29', 'Prune', { warnings: 1 }],
    ['- [ ] Prune 📅 2024-02-29', 'Prune', { due: '2024-02-29' }],
    ['- [ ] Prune 📅 2026-13-01', 'Prune', { warnings: 1 }],
    ['- [ ] Prune 📅 2026-00-10', 'Prune', { warnings: 1 }],
    ['- [ ] Prune 📅 2026-04-31 ⏳ 2026-04-30', 'Prune', { scheduled: '2026-04-30', warnings: 1 }],
    ['- [ ] Prune 📅 9999-12-31', 'Prune', { due: '9999-12-31' }],
    ['- [ ] Prune 📅 0001-01-01', 'Prune', { due: '0001-01-01' }],
    ['- [ ] Prune 📅 26-03-01', 'Prune 📅 26-03-01'],
    ['- [ ] Prune 📅 2026-3-1', 'Prune 📅 2026-3-1'],
    ['- [ ] Prune 📅 2026/03/01', 'Prune 📅 2026/03/01'],
    ['- [ ] Prune 📅 tomorrow', 'Prune 📅 tomorrow'],
    ['- [ ] Prune 📅', 'Prune 📅'],
    ['- [ ] Prune 📅 2026-03-01 📅 2026-04-01', 'Prune', { due: '2026-03-01' }],
    ['- [ ] Prune 📅\u00a02026-03-01', 'Prune 📅\u00a02026-03-01'],
  ],
  'where fields are read': [
    ['- [ ] Water 📅 2026-03-01 the roses', 'Water 📅 2026-03-01 the roses'],
    ['- [ ] Water 📅 2026-03-01 the roses ⏫', 'Water 📅 2026-03-01 the roses', { priority: 'high' }],
    ['- [ ] Water ⏫ the 📅 2026-03-01', 'Water ⏫ the', { due: '2026-03-01' }],
    ['- [ ] Water 📅 2026-03-01 #garden', 'Water', { due: '2026-03-01', tags: ['#garden'] }],
    ['- [ ] Water 📅 2026-03-01 ^a1b2', 'Water', { due: '2026-03-01' }],
    ['- [ ] Water 📅 2026-03-01 #garden ^a1b2', 'Water', { due: '2026-03-01', tags: ['#garden'] }],
    ['- [ ] Water 📅 2026-03-01 ^a1b2 #garden', 'Water 📅 2026-03-01 ^a1b2', { tags: ['#garden'] }],
    ['- [ ] Water ^a1b2', 'Water'],
    ['- [ ] Water x^a1b2', 'Water x^a1b2'],
    ['- [ ] Water ^a_b', 'Water ^a_b'],
    ['- [ ] Water 📅 2026-03-01   ', 'Water', { due: '2026-03-01' }],
    ['- [ ] Water 📅 2026-03-01.', 'Water 📅 2026-03-01.'],
    ['- [ ] Water (📅 2026-03-01)', 'Water (📅 2026-03-01)'],
    [
      '- [ ] Water 📅 2026-03-01 ⏫ 🔁 every day',
      'Water',
      { due: '2026-03-01', priority: 'high', repeat: 'every day' },
    ],
    [
      '- [ ] Water #a 📅 2026-03-01 #b ⏫ #c',
      'Water',
      { due: '2026-03-01', priority: 'high', tags: ['#a', '#b', '#c'] },
    ],
  ],
  priorities: [
    ['- [ ] Mow 🔺', 'Mow', { priority: 'highest' }],
    ['- [ ] Mow ⏫', 'Mow', { priority: 'high' }],
    ['- [ ] Mow ⏫️', 'Mow', { priority: 'high' }],
    ['- [ ] Mow 🔼', 'Mow', { priority: 'medium' }],
    ['- [ ] Mow 🔽', 'Mow', { priority: 'low' }],
    ['- [ ] Mow ⏬', 'Mow', { priority: 'lowest' }],
    ['- [ ] Mow ⏬️', 'Mow', { priority: 'lowest' }],
    ['- [ ] Mow🔼', 'Mow', { priority: 'medium' }],
    ['- [ ] Mow ⏫ 🔽', 'Mow', { priority: 'high' }],
    ['- [ ] ⏫ Mow', '⏫ Mow'],
    ['- [ ] ⏫', '', { priority: 'high' }],
  ],
  recurrence: [
    ['- [ ] Rake 🔁 every day', 'Rake', { repeat: 'every day' }],
    ['- [ ] Rake 🔁every day', 'Rake', { repeat: 'every day' }],
    ['- [ ] Rake 🔁 every 3 days', 'Rake', { repeat: 'every 3 days' }],
    ['- [ ] Rake 🔁 every weekday', 'Rake', { repeat: 'every weekday' }],
    ['- [ ] Rake 🔁 every week on Sunday', 'Rake', { repeat: 'every week on Sunday' }],
    ['- [ ] Rake 🔁 every week on Tuesday, Friday', 'Rake', { repeat: 'every week on Tuesday, Friday' }],
    ['- [ ] Rake 🔁 every Sunday', 'Rake', { repeat: 'every Sunday' }],
    ['- [ ] Rake 🔁 every 2 weeks', 'Rake', { repeat: 'every 2 weeks' }],
    ['- [ ] Rake 🔁 every month on the last', 'Rake', { repeat: 'every month on the last' }],
    ['- [ ] Rake 🔁 every month on the 2nd last Friday', 'Rake', { repeat: 'every month on the 2nd last Friday' }],
    ['- [ ] Rake 🔁 every 6 months on the 2nd Wednesday', 'Rake', { repeat: 'every 6 months on the 2nd Wednesday' }],
    ['- [ ] Rake 🔁 every January on the 15th', 'Rake', { repeat: 'every January on the 15th' }],
    [
      '- [ ] Rake 🔁 every April and December on the 1st and 24th',
      'Rake',
      { repeat: 'every April and December on the 1st and 24th' },
    ],
    ['- [ ] Rake 🔁 every year', 'Rake', { repeat: 'every year' }],
    ['- [ ] Rake 🔁 every day when done', 'Rake', { repeat: 'every day when done' }],
    ['- [ ] Rake 🔁 every week when done 📅 2026-03-01', 'Rake', { repeat: 'every week when done', due: '2026-03-01' }],
    ['- [ ] Rake 🔁 EVERY WEEK', 'Rake', { repeat: 'EVERY WEEK' }],
    ['- [ ] Rake 🔁 weekly', 'Rake', { warnings: 1 }],
    ['- [ ] Rake 🔁 every blue moon', 'Rake', { warnings: 1 }],
    ['- [ ] Rake 🔁 every 0 days', 'Rake', { warnings: 1 }],
    ['- [ ] Rake 🔁 every 2 hours', 'Rake', { warnings: 1 }],
    ['- [ ] Rake 🔁 every day for 3 times', 'Rake', { warnings: 1 }],
    ['- [ ] Rake 🔁 every week until January 1, 2030', 'Rake', { warnings: 1 }],
    ['- [ ] Rake 🔁 every week; or so', 'Rake 🔁 every week; or so'],
    ['- [ ] Rake 🔁', 'Rake 🔁'],
    ['- [ ] Rake 🔁 every day #tidy', 'Rake', { repeat: 'every day', tags: ['#tidy'] }],
  ],
  'ids, dependencies and what completion does': [
    ['- [ ] Dig 🆔 dig1', 'Dig', { id: 'dig1' }],
    ['- [ ] Dig 🆔 a_b-C9', 'Dig', { id: 'a_b-C9' }],
    ['- [ ] Dig 🆔dig1', 'Dig', { id: 'dig1' }],
    ['- [ ] Dig 🆔 dig 1', 'Dig 🆔 dig 1'],
    ['- [ ] Dig 🆔 dig.1', 'Dig 🆔 dig.1'],
    ['- [ ] Plant ⛔ dig1', 'Plant', { dependsOn: ['dig1'] }],
    ['- [ ] Plant ⛔️ dig1', 'Plant', { dependsOn: ['dig1'] }],
    ['- [ ] Plant ⛔ dig1,buy2', 'Plant', { dependsOn: ['dig1', 'buy2'] }],
    ['- [ ] Plant ⛔ dig1, buy2', 'Plant', { dependsOn: ['dig1', 'buy2'] }],
    ['- [ ] Plant ⛔ dig1 , buy2', 'Plant', { dependsOn: ['dig1', 'buy2'] }],
    ['- [ ] Plant ⛔ dig1,', 'Plant ⛔ dig1,'],
    ['- [ ] Plant 🆔 p1 ⛔ dig1 📅 2026-03-01', 'Plant', { id: 'p1', dependsOn: ['dig1'], due: '2026-03-01' }],
    ['- [ ] Plant 🏁 delete', 'Plant', { deletes: true }],
    ['- [ ] Plant 🏁 Delete', 'Plant', { deletes: true }],
    ['- [ ] Plant 🏁 keep', 'Plant'],
    ['- [ ] Plant 📅 2026-03-01 🏁 delete', 'Plant', { due: '2026-03-01', deletes: true }],
  ],
  tags: [
    ['- [ ] Weed #garden', 'Weed', { tags: ['#garden'] }],
    ['- [ ] #garden Weed', 'Weed', { tags: ['#garden'] }],
    ['- [ ] Weed #garden the beds', 'Weed the beds', { tags: ['#garden'] }],
    ['- [ ] Weed #garden/beds', 'Weed', { tags: ['#garden/beds'] }],
    ['- [ ] Weed #1234', 'Weed', { tags: ['#1234'] }],
    ['- [ ] Weed #12.34', 'Weed .34', { tags: ['#12'] }],
    ['- [ ] Weed #a-b_c/ä🌱', 'Weed', { tags: ['#a-b_c/ä🌱'] }],
    ['- [ ] Weed #one #two', 'Weed', { tags: ['#one', '#two'] }],
    ['- [ ] Weed #one#two', 'Weed #two', { tags: ['#one'] }],
    ['- [ ] Weed #one #one', 'Weed', { tags: ['#one'] }],
    ['- [ ] Weed a#b', 'Weed a#b'],
    ['- [ ] Weed #', 'Weed #'],
    ['- [ ] Weed [[Note#Heading]]', 'Weed [[Note#Heading]]'],
    ['- [ ] Weed #a, #b', 'Weed ,', { tags: ['#a', '#b'] }],
    ['- [ ] #only', '', { tags: ['#only'] }],
    ['- [ ] Weed\t#garden', 'Weed', { tags: ['#garden'] }],
  ],
  'the Dataview form': [
    ['- [ ] Dig [due:: 2026-03-01]', 'Dig', { due: '2026-03-01' }],
    ['- [ ] Dig (due:: 2026-03-01)', 'Dig', { due: '2026-03-01' }],
    ['- [ ] Dig [due::2026-03-01]', 'Dig', { due: '2026-03-01' }],
    ['- [ ] Dig [ due:: 2026-03-01 ]', 'Dig', { due: '2026-03-01' }],
    ['- [ ] Dig [scheduled:: 2026-03-01]', 'Dig', { scheduled: '2026-03-01' }],
    ['- [ ] Dig [start:: 2026-03-01]', 'Dig', { start: '2026-03-01' }],
    ['- [ ] Dig [created:: 2026-03-01]', 'Dig', { created: '2026-03-01' }],
    ['- [x] Dig [completion:: 2026-03-01]', 'Dig', { type: 'done', done: '2026-03-01' }],
    ['- [-] Dig [cancelled:: 2026-03-01]', 'Dig', { type: 'cancelled', cancelled: '2026-03-01' }],
    ['- [ ] Dig [priority:: highest]', 'Dig', { priority: 'highest' }],
    ['- [ ] Dig [priority:: high]', 'Dig', { priority: 'high' }],
    ['- [ ] Dig [priority:: medium]', 'Dig', { priority: 'medium' }],
    ['- [ ] Dig [priority:: low]', 'Dig', { priority: 'low' }],
    ['- [ ] Dig [priority:: lowest]', 'Dig', { priority: 'lowest' }],
    ['- [ ] Dig [priority:: urgent]', 'Dig [priority:: urgent]'],
    ['- [ ] Dig [repeat:: every day when done]', 'Dig', { repeat: 'every day when done' }],
    ['- [ ] Dig [id:: dig1]', 'Dig', { id: 'dig1' }],
    ['- [ ] Dig [dependsOn:: a,b]', 'Dig', { dependsOn: ['a', 'b'] }],
    ['- [ ] Dig [onCompletion:: delete]', 'Dig', { deletes: true }],
    ['- [ ] Dig [priority:: high]  [due:: 2026-03-01]', 'Dig', { priority: 'high', due: '2026-03-01' }],
    ['- [ ] Dig [priority:: high], [due:: 2026-03-01]', 'Dig', { priority: 'high', due: '2026-03-01' }],
    ['- [ ] Dig [priority:: high] , [due:: 2026-03-01],', 'Dig', { priority: 'high', due: '2026-03-01' }],
    ['- [ ] Dig [due:: 2026-03-01] #bed ^x1', 'Dig', { due: '2026-03-01', tags: ['#bed'] }],
    ['- [ ] Dig [due:: 2026-03-01] soon', 'Dig [due:: 2026-03-01] soon'],
    ['- [ ] Dig [due: 2026-03-01]', 'Dig [due: 2026-03-01]'],
    ['- [ ] Dig [due:: soon]', 'Dig [due:: soon]'],
    ['- [ ] Dig [until:: 2026-03-01]', 'Dig [until:: 2026-03-01]'],
    ['- [ ] Dig [due:: 2026-03-01)', 'Dig [due:: 2026-03-01)'],
    ['- [ ] Dig due:: 2026-03-01', 'Dig due:: 2026-03-01'],
    ['- [ ] Dig [due:: 2026-02-30]', 'Dig', { warnings: 1 }],
    ['- [ ] Dig ⏫ [due:: 2026-03-01]', 'Dig', { priority: 'high', due: '2026-03-01' }],
    ['- [ ] [see](x.md) [due:: 2026-03-01]', '[see](x.md)', { due: '2026-03-01' }],
  ],
};

test('at least 150 lines are held against their meaning', () => {
  expect(Object.values(tables).flat().length).toBeGreaterThanOrEqual(150);
});

describe.each(Object.entries(tables))('the line of a task: %s', (_, rows) => {
  test.each(rows)('%s', (line, title, said = {}) => {
    const [task, ...others] = findNoteTasks(line);
    expect(others).toEqual([]);
    expect(task?.meaning.title).toBe(title);
    expect(saidBy(task?.type ?? '', task?.meaning as TaskMeaning)).toEqual(said);
  });
});

describe('what is no task', () => {
  test.each([
    'Sow peas',
    '- Sow peas',
    '[ ] Sow peas',
    '- [] Sow peas',
    '- [  ] Sow peas',
    '- [xx] Sow peas',
    '- [x]Sow peas',
    '-[ ] Sow peas',
    '- Sow [ ] peas',
    '```\n- [ ] Sow peas\n```',
    '~~~md\n- [ ] Sow peas\n~~~',
    '%%\n- [ ] Sow peas\n%%',
    '<!--\n- [ ] Sow peas\n-->',
    '    - [ ] Sow peas',
    '---\ntodo:\n  - [ ] Sow peas\n---\n',
  ])('%j', (text) => {
    expect(findNoteTasks(text)).toEqual([]);
  });
});

describe('custom status characters', () => {
  test('mean what they are said to mean, and those that are no task are left out', () => {
    const custom = new Map([
      ['h', 'on_hold'],
      ['p', 'non_task'],
      ['d', 'done'],
    ] as const);
    const found = findNoteTasks('- [h] wait\n- [p] pro\n- [d] was done\n- [x] done\n', custom);
    expect(found.map(({ type, line }) => `${line} ${type}`)).toEqual(['1 on_hold', '3 done', '4 done']);
  });
});
