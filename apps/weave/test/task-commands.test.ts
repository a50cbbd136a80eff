import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  runCommand,
  type SpawnedSystem,
  spawnSystem,
  temporaryFolder,
  testKey,
  until,
  writeFiles,
} from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

const file = join(import.meta.dirname, '../src/main.ts');
const [vault, data] = [temporaryFolder('vault'), temporaryFolder('data')];
const day = (from: number) => new Intl.DateTimeFormat('en-CA').format(Date.now() + from * 86_400_000);
let system: SpawnedSystem;

const weave = (...args: string[]) =>
  runCommand(file, ['tasks', ...args, '--vault', vault.path, '--data', data.path], { WEAVE_API_KEY: testKey });

beforeAll(async () => {
  writeFiles(vault.path, {
    'Home.md': `# Home\n\n- [ ] Fix the tap ⏫ 📅 ${day(0)}\n- [ ] Call the roofer 📅 ${day(-3)}\n- [x] Paint\n- [ ] Call the bank\n`,
  });
  system = await spawnSystem({ file, vault: vault.path, data: data.path });
  await until('the tasks are found', async () => (await system.call('/v1/tasks')).json.items.length === 4);
});
afterAll(async () => {
  await system.kill('SIGTERM');
  for (const folder of [vault, data]) folder.remove();
});

describe('weave tasks', () => {
  test('lists open tasks with where they are, and all when asked', async () => {
    const { stdout, exitCode } = await weave('list');
    expect(exitCode).toBe(0);
    expect(stdout.split('\n').map((line) => line.slice(0, line.lastIndexOf('  ')))).toEqual([
      `[ ] Fix the tap  due ${day(0)}  high  Home.md:3`,
      `[ ] Call the roofer  due ${day(-3)}  Home.md:4`,
      '[ ] Call the bank  Home.md:6',
      '',
    ]);
    const all = JSON.parse((await weave('list', '--all', '--sort', 'title', '--json')).stdout);
    expect(all.items.map(({ title }: { title: string }) => title)).toEqual([
      'Call the bank',
      'Call the roofer',
      'Fix the tap',
      'Paint',
    ]);
  });

  test('tells what is due today and what is overdue', async () => {
    expect((await weave('today')).stdout).toMatch(/^\[ \] Fix the tap .*\n$/);
    expect((await weave('overdue')).stdout).toMatch(/^\[ \] Call the roofer .*\n$/);
  });

  test('adds a task to a note and completes it by words of its title', async () => {
    const added = await weave(
      'add',
      'Build',
      'a',
      'shelf',
      '--note',
      'Home.md',
      '--due',
      'tomorrow',
      '--tag',
      'wood',
      '--repeat',
      'every year',
      '--json',
    );
    expect(JSON.parse(added.stdout)).toMatchObject({
      title: 'Build a shelf',
      dueDate: day(1),
      tags: ['#wood'],
      source: { line: 7 },
    });
    expect((await weave('done', 'SHELF')).stdout).toMatch(/^\[x\] Build a shelf /);
    const [, year = '', rest = ''] = /^(\d{4})(.*)$/.exec(day(1)) ?? [];
    expect(readFileSync(join(vault.path, 'Home.md'), 'utf8')).toContain(
      `- [ ] Build a shelf #wood 🔁 every year 📅 ${Number(year) + 1}${rest}\n- [x] Build a shelf #wood 🔁 every year 📅 ${day(1)} ✅ ${day(0)}\n`,
    );
  });

  test('does nothing when several tasks fit, or none, and names them', async () => {
    const several = await weave('done', 'call the');
    expect(several).toMatchObject({ exitCode: 1, stdout: '' });
    expect(several.stderr).toMatch(/^weave: 2 open tasks fit "call the".*\n.*roofer.*\n.*bank.*\n$/);
    expect(await weave('done', 'nothing like it')).toMatchObject({
      exitCode: 1,
      stderr: 'weave: no open task has "nothing like it" in its title\n',
    });
    expect((await weave('add', 'x', '--heading', 'Home')).exitCode).toBe(2);
  });

  test('agrees with the notes, says the doctor', async () => {
    const doctor = await runCommand(file, ['doctor', '--vault', vault.path, '--data', data.path], {
      WEAVE_API_KEY: testKey,
    });
    expect(doctor.stdout).toMatch(/^ok {4}notes and tasks: 1 agree$/m);
  });
});
