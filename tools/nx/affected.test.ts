import { temporaryFolder } from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type RecordingPrograms, renderedServices, writePrograms } from '../deploy/fixture/programs.ts';
import { appNames } from '../deploy/services.ts';
import { addLine, copyWorkspace, type WorkspaceCopy } from '../workspace/copy.ts';

let copy: WorkspaceCopy;
const folder = temporaryFolder('programs');
beforeAll(() => {
  copy = copyWorkspace();
});
afterAll(() => {
  copy.remove();
  folder.remove();
});

/** What `nx affected` would build and deploy for the newest commit. */
function affected(): { build: string[]; deploy: string[] } {
  const args = ['affected', '-t', 'build', 'deploy', '--base=HEAD~1', '--head=HEAD', '--graph=stdout'];
  const ids = Object.keys(JSON.parse(copy.run('nx', args)).tasks.tasks).map((id) => id.split(':'));
  const appsOf = (target: string) =>
    ids
      .filter(([, each]) => each === target)
      .map(([app = '']) => app)
      .sort();
  return { build: appsOf('build'), deploy: appsOf('deploy') };
}

function changing(lines: Readonly<Record<string, string>>) {
  for (const [file, line] of Object.entries(lines)) addLine(copy, file, line);
  copy.commit(`change ${Object.keys(lines)}`);
  return affected();
}

// Nx and the builds below it take their time on a busy machine.
describe('a commit that changes one line', { timeout: 120_000 }, () => {
  test('of a service builds and deploys it, and the one process that has it', () => {
    const apps = ['file', 'weave'];
    expect(changing({ 'apps/file/src/errors.ts': 'export const added = 1;' })).toEqual({ build: apps, deploy: apps });
  });

  test('is deployed from there by nx affected: just the images of these, just the service', () => {
    const programs: RecordingPrograms = writePrograms(folder.path, renderedServices(['file', 'mcp-sync', 'gateway']));
    programs.running({ file: 1, 'mcp-sync': 1, gateway: 1 });
    const args = ['affected', '-t', 'deploy', '--base=HEAD~1', '--head=HEAD', '--registry=registry.test/notes'];
    copy.run('nx', args, programs.environment);
    const lines = programs.calls().map(({ line }) => line);
    const tag = (app: string) => new RegExp(`^docker push registry\\.test/notes/${app}:[0-9a-f]{16}$`);
    const pushed = lines.filter((line) => line.startsWith('docker push'));
    expect(pushed).toEqual([expect.stringMatching(tag('file')), expect.stringMatching(tag('weave'))]);
    const touched = lines.filter((line) => /deployment|job/.test(line) && line.startsWith('kubectl'));
    expect(touched).not.toEqual([]);
    expect(touched.filter((line) => !/(deployment[ /]|job[ /]migrate-)file\b/.test(line))).toEqual([]);
  });

  test('of what all import builds and deploys all', () => {
    const apps = appNames(copy.path);
    const found = changing({ 'libs/events/src/topology.ts': 'export const added = 1;' });
    expect(found).toEqual({ build: apps, deploy: apps });
  });

  test('of what is only read or tested builds and deploys nothing', () => {
    const found = changing({
      'README.md': 'More.',
      'apps/file/README.md': 'More.',
      'docs/architecture.md': 'More.',
      'apps/file/test/schema.test.ts': '// more',
      'libs/testing/src/until.ts': '// more',
    });
    expect(found).toEqual({ build: [], deploy: [] });
  });

  test('of a manifest deploys its service; one of the example vault, the one process that brings it', () => {
    const found = changing({
      'k8s/base/mcp-sync/service.yaml': '# more',
      'apps/weave/example-vault/Start here.md': 'More.',
    });
    expect(found).toEqual({ build: ['weave'], deploy: ['mcp-sync', 'weave'] });
  });
});
