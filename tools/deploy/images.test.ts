import { join } from 'node:path';
import { temporaryFolder, writeFiles } from '@weave-nn/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { contentHash } from './content-hash.ts';
import { type RecordingPrograms, writePrograms } from './fixture/programs.ts';
import { publishImage } from './images.ts';
import { systemPrograms } from './programs.ts';

const workspace = join(import.meta.dirname, '../..');

describe('an image', () => {
  let folder: ReturnType<typeof temporaryFolder>;
  let programs: RecordingPrograms;
  beforeEach(() => {
    folder = temporaryFolder('images');
    programs = writePrograms(folder.path, []);
    vi.stubEnv('PATH', programs.environment.PATH);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
    folder.remove();
  });

  const publish = (local: boolean) =>
    publishImage(
      workspace,
      { app: 'git', reference: 'registry/git:1' },
      { programs: systemPrograms(), revision: 'abc', local, say: () => undefined },
    );
  const lines = () => programs.calls().map(({ line }) => line.replaceAll(workspace, '.'));

  const built =
    'docker build --build-arg APP=git --build-arg REVISION=abc --build-arg SYSTEM_PACKAGES=git openssh-client ca-certificates --file ./docker/Dockerfile --tag registry/git:1 .';

  test('is made with what the app needs of the system, and brought to the registry', async () => {
    await publish(false);
    expect(lines()).toEqual(['docker manifest inspect registry/git:1', built, 'docker push registry/git:1']);
  });

  test('stays here when it is wanted here', async () => {
    await publish(true);
    expect(lines()).toEqual([built]);
  });

  test('that is in the registry is not made again', async () => {
    programs.publish('registry/git:1');
    await publish(false);
    expect(lines()).toEqual(['docker manifest inspect registry/git:1']);
  });

  test('is named by what is in it, wherever that is', () => {
    const files = { 'app/main.js': 'one', 'app/assets/a.sql': 'two', Dockerfile: 'FROM x' };
    const hashOf = (changed: Record<string, string>, packages: string[] = []) => {
      const place = temporaryFolder('content');
      writeFiles(place.path, { ...files, ...changed });
      const at = (path: string) => join(place.path, path);
      const hash = contentHash({ output: at('app'), recipe: [at('Dockerfile')], packages });
      place.remove();
      return hash;
    };
    const hashes = [
      hashOf({}),
      hashOf({ 'app/main.js': 'on' }),
      hashOf({ 'app/b.sql': '' }),
      hashOf({ Dockerfile: 'FROM y' }),
      hashOf({}, ['git']),
    ];
    expect(hashOf({})).toBe(hashes[0]);
    expect(hashes[0]).toMatch(/^[0-9a-f]{16}$/);
    expect(new Set(hashes).size).toBe(hashes.length);
  });
});
