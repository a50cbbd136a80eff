import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { checkBoundaries, type Project } from './boundaries.ts';
import { readProjects } from './projects.ts';

const root = join(import.meta.dirname, '../..');
const app = { tags: ['type:app'], exports: { './service': './src/service.ts' } };

function project(name: string, given: Partial<Project>): Project {
  return { name, root: name, tags: ['type:lib', 'layer:1'], dependencies: [], exports: './src/index.ts', ...given };
}

describe('module boundaries', () => {
  test('hold in this workspace', () => {
    expect(checkBoundaries(readProjects(root))).toEqual([]);
  });

  test.each([
    [
      'an app that imports another app',
      [project('a', { ...app, dependencies: ['b'] }), project('b', app)],
      'no app imports another',
    ],
    ['a lib that imports an app', [project('l', { dependencies: ['b'] }), project('b', app)], 'a lib imports no app'],
    [
      'a lib that imports its own layer',
      [project('l', { dependencies: ['m'] }), project('m', {})],
      'lower layers only',
    ],
    [
      'an app that opens another door',
      [project('a', { ...app, exports: { '.': './src/index.ts' } })],
      'and nothing else',
    ],
    ['a lib without a layer', [project('l', { tags: ['type:lib'] })], 'needs a tag layer:N'],
    ['a project without a type', [project('x', { tags: [] })], 'needs one of the tags'],
  ])('are violated by %s', (_case, projects, message) => {
    expect(checkBoundaries(projects).join('\n')).toContain(message);
  });

  test('allow the app that mounts the others to import them', () => {
    const all = project('all', { ...app, tags: ['type:app', 'mounts:apps'], dependencies: ['a'] });
    expect(checkBoundaries([all, project('a', app)])).toEqual([]);
  });
});

describe('the domain', () => {
  const folder = mkdtempSync(join(root, 'apps/file/src/domain/fixture-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each([
    'fastify',
    '@weave-nn/service',
    '@weave-nn/database',
    'node:http',
    'node:sqlite',
    '@fastify/cors',
    'amqplib',
  ])('must not import %s', (module) => {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'violation.ts'), `import * as found from '${module}';\n\nexport const it = found;\n`);
    const biome = spawnSync('biome', ['lint', folder], { cwd: root, encoding: 'utf8' });
    expect(biome.stdout + biome.stderr).toContain('noRestrictedImports');
    expect(biome.status).not.toBe(0);
  });
});
