import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

const workspace = join(import.meta.dirname, '../..');
const folder = join(workspace, '.github/workflows');
// Nx loads it as it is, so that it has no types.
const { createNodesV2 } = await import(pathToFileURL(join(workspace, 'tools/nx/targets.mjs')).href);
const read = (path: string) => readFileSync(join(workspace, path), 'utf8');

interface Workflow {
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  concurrency: { group: string };
  jobs: Record<string, { 'timeout-minutes': number; steps: { uses?: string; run?: string }[] }>;
}

/** The targets that apps have. */
function targets(): string[] {
  const [, create] = createNodesV2;
  const [[, { projects }]] = create(['apps/file/package.json'], undefined, { workspaceRoot: workspace });
  return Object.keys(projects['apps/file'].targets);
}

describe.each(readdirSync(folder))('the workflow %s', (name) => {
  const workflow: Workflow = parse(readFileSync(join(folder, name), 'utf8'));
  const steps = Object.values(workflow.jobs).flatMap((job) => job.steps);
  const commands = steps.flatMap(({ run = '' }) => run.split('\n'));

  test('says what it may do, for how long, and one at a time', () => {
    expect(workflow.permissions).toBeDefined();
    expect(workflow.concurrency.group).toBeDefined();
    for (const job of Object.values(workflow.jobs)) expect(job['timeout-minutes']).toBeLessThanOrEqual(60);
    for (const { uses } of steps.filter((step) => step.uses)) expect(uses).toMatch(/^[\w-]+\/[\w-]+@v\d+$/);
  });

  test('runs targets, options, scripts and files that there are', () => {
    const nx = commands.filter((command) => command.includes('nx affected'));
    expect(nx).not.toEqual([]);
    const options = Object.keys(JSON.parse(read('tools/nx/deploy.schema.json')).properties);
    for (const command of nx) {
      const [, named = ''] = /-t ((?:\w+ )+)/.exec(command) ?? [];
      for (const target of named.trim().split(' ')) expect(targets()).toContain(target);
      const given = [...command.matchAll(/--([a-z-]+)/g)].map(([, option = '']) => option);
      const own = given.filter((option) => option !== 'base' && option !== 'head');
      for (const option of own)
        expect(options).toContain(option.replaceAll(/-(\w)/g, (_all, letter) => letter.toUpperCase()));
    }
    const { scripts } = JSON.parse(read('package.json'));
    for (const [, script] of commands.join('\n').matchAll(/npm run ([\w:]+)/g))
      expect(scripts).toHaveProperty(script ?? '');
    for (const [, file] of commands.join('\n').matchAll(/node (tools\/\S+)/g)) expect(read(file ?? '')).not.toBe('');
  });
});

test('a deploy compares with the last one that succeeded, and is remembered only when it did', () => {
  const { jobs } = parse(readFileSync(join(folder, 'deploy.yml'), 'utf8')) as Workflow;
  const runs = (jobs.deploy?.steps ?? []).map(({ run = '' }) => run);
  const at = (text: string) => runs.findIndex((run) => run.includes(text));
  expect(at('refs/tags/deployed ||')).toBeGreaterThan(-1);
  expect(at('--dry-run')).toBeLessThan(runs.findLastIndex((run) => run.includes('-t deploy')));
  expect(runs.findIndex((run) => run.includes('git tag --force deployed'))).toBe(runs.length - 1);
});
