import { taskSorts, taskStatuses } from '@weave-nn/clients';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { blankTask } from '../src/domain/change/task-change.ts';
import { createListing } from '../src/domain/listing.ts';
import type { StoredTask } from '../src/domain/stored-task.ts';
import { createProjectStore } from '../src/store/projects.ts';
import { createTaskLists } from '../src/store/task-lists.ts';
import { createTaskStore } from '../src/store/tasks.ts';
import { createOwnPlace, type Place, providers } from './fixture/places.ts';

const VAULT = 'default';
/** More than are looked at one by one for a tag. */
const MANY = 2_400;
const priorities = ['highest', 'high', null, 'medium', 'low', 'lowest'] as const;
const START = Date.parse('2027-03-01T12:00:00Z');

/** Tasks that differ in everything that lists go by, the same on both databases. */
function draw(index: number): StoredTask {
  const status = taskStatuses[index % taskStatuses.length] as StoredTask['status'];
  const path = `Folder ${index % 3}/Note ${index % 7}.md`;
  return {
    ...blankTask(`task-${String(index).padStart(5, '0')}`, START + (index % 11) * 1000),
    title: `${['Ähre', 'beta', 'Zeta', '東京'][index % 4]} ${index % 50}`,
    status,
    priority: priorities[index % priorities.length] ?? null,
    dueDate: index % 5 === 0 ? null : `2027-0${1 + (index % 9)}-1${index % 10}`,
    tags: index % 20 === 0 ? ['#common/deep', '#Rare'] : ['#common'],
    projectId: index % 6 === 0 ? 'house' : null,
    assignee: index % 10 === 0 ? 'ana' : null,
    source: index % 2 === 0 ? { path, line: index, heading: null, raw: '', textKey: '' } : null,
  };
}

const all = Array.from({ length: MANY }, (_, index) => draw(index));
const live = all.filter((_, index) => index % 97 !== 0);
const filters: [string, object, (task: StoredTask) => boolean][] = [
  ['all', {}, () => true],
  ['of a status', { status: 'todo,cancelled' }, ({ status }) => status === 'todo' || status === 'cancelled'],
  ['not completed', { completed: false }, ({ status }) => status !== 'done'],
  ['with a common tag', { tag: 'Common' }, () => true],
  ['with a rare tag', { tag: '#rare' }, ({ tags }) => tags.includes('#Rare')],
  ['with a tag below another', { tag: 'common/deep' }, ({ tags }) => tags.includes('#common/deep')],
  ['with no such tag', { tag: 'comm' }, () => false],
  ['due before a day', { dueBefore: '2027-04-11' }, ({ dueDate }) => dueDate !== null && dueDate < '2027-04-11'],
  ['due after a day', { dueAfter: '2027-04-11' }, ({ dueDate }) => dueDate !== null && dueDate > '2027-04-11'],
  [
    'of a project',
    { projectId: 'house', completed: false },
    (task) => task.projectId === 'house' && task.status !== 'done',
  ],
  ['of somebody', { assignee: 'ana' }, ({ assignee }) => assignee === 'ana'],
  ['of a note', { path: 'Folder 1/Note 3.md' }, ({ source }) => source?.path === 'Folder 1/Note 3.md'],
  ['of a folder', { path: 'Folder 2/' }, ({ source }) => source?.path.startsWith('Folder 2/') === true],
];

describe.each(providers)('lists of tasks on $provider', ({ provider, answers }) => {
  if (!answers) {
    test.skip('the server does not answer');
    return;
  }
  let place: Place;
  let listing: ReturnType<typeof createListing>;

  beforeAll(async () => {
    place = await createOwnPlace(provider);
    const store = createTaskStore(place.database, VAULT);
    await place.database.transaction((sql) =>
      store.add(
        sql,
        all.map((task) => (live.includes(task) ? task : { ...task, state: 'deleted' })),
      ),
    );
    listing = createListing(createTaskLists(place.database, VAULT));
  });
  afterAll(() => place.remove());

  async function readAll(query: object, limit: number): Promise<string[]> {
    const ids: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page: Awaited<ReturnType<typeof listing.page>> = await listing.page({
        ...query,
        limit,
        ...(cursor === undefined ? {} : { cursor }),
      });
      ids.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    return ids;
  }

  test.each(filters)('%s have those that fit, each once, on whatever pages', async (_, filter, fits) => {
    const expected = live
      .filter(fits)
      .map(({ id }) => id)
      .sort();
    for (const sort of taskSorts) {
      const ids = await readAll({ ...filter, sort }, 370);
      expect([...ids].sort()).toEqual(expected);
      expect(await readAll({ ...filter, sort: `-${sort}` }, 1_000)).toEqual([...ids].reverse());
    }
  });

  test('are in the order of bytes, tasks without a date last and without a priority in the middle', async () => {
    const page = async (sort: string) => (await listing.page({ sort, limit: 1_000, path: 'Folder 0' })).items;
    const dates = (await page('dueDate')).map(({ dueDate }) => dueDate ?? '9999');
    expect(dates).toEqual([...dates].sort());
    const ranks = (await page('priority')).map(({ priority }) =>
      ['highest', 'high', 'medium', null, 'low', 'lowest'].indexOf(priority),
    );
    expect(ranks).toEqual([...ranks].sort((a, b) => a - b));
    const titles = (await page('title')).map(({ title }) => Buffer.from(title.toLowerCase()).toString('hex'));
    expect(titles).toEqual([...titles].sort());
  });

  test('are counted by their projects', async () => {
    const projects = createProjectStore(place.database, VAULT);
    await place.database.transaction((sql) => projects.makeSure(sql, 'house', '2027-03-01T12:00:00.000Z'));
    const mine = live.filter(({ projectId }) => projectId === 'house');
    const of = (status: string) => mine.filter((task) => task.status === status).length;
    const isOverdue = ({ dueDate, status }: StoredTask) =>
      dueDate !== null && dueDate < '2027-05-01' && (status === 'todo' || status === 'in_progress');
    expect((await projects.find('house', '2027-05-01'))?.counts).toEqual({
      total: mine.length,
      todo: of('todo'),
      in_progress: of('in_progress'),
      done: of('done'),
      cancelled: of('cancelled'),
      overdue: mine.filter(isOverdue).length,
    });
  });
});
