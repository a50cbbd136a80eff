import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { temporaryFolder } from '@weave-nn/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readPlainHead } from '../src/domain/plain-head.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder('repository');
});
afterEach(() => folder.remove());

function git(...args: string[]): string {
  const who = ['-c', 'user.name=Ana', '-c', 'user.email=ana@example.org'];
  return execFileSync('git', [...who, ...args], { cwd: folder.path, encoding: 'utf8', stdio: 'pipe' }).trim();
}
const head = () => readPlainHead(join(folder.path, '.git'));

test.each(['sha1', 'sha256'])('the commit that is checked out is read without git, named by %s', (format) => {
  git('init', '-q', '-b', 'topic/one', `--object-format=${format}`);
  expect(head()).toBeUndefined();
  git('commit', '-q', '--allow-empty', '-m', 'One');
  expect(head()).toBe(git('rev-parse', 'HEAD'));
  git('pack-refs', '--all');
  expect(head()).toBeUndefined();
  git('commit', '-q', '--allow-empty', '-m', 'Two');
  expect(head()).toBe(git('rev-parse', 'HEAD'));
});

test('git is asked where no branch is checked out, or one that stands for another', () => {
  git('init', '-q', '-b', 'main');
  git('commit', '-q', '--allow-empty', '-m', 'One');
  git('symbolic-ref', 'refs/heads/also', 'refs/heads/main');
  git('symbolic-ref', 'HEAD', 'refs/heads/also');
  expect(head()).toBeUndefined();
  git('checkout', '-q', '--detach');
  expect(head()).toBeUndefined();
});
