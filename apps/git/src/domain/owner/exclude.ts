import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { Git } from '../program/git.ts';

/** What is written beside notes for a moment. */
export const TEMPORARY_FILES = '.weave-tmp-*';

/**
 * Has git take files of these names for no new ones, in this clone only (https://git-scm.com/docs/gitignore). Names
 * that are listed already stay as they are.
 */
export async function excludeFiles(git: Git, folder: string, patterns: readonly string[]): Promise<void> {
  const { text } = await git.read({ args: ['rev-parse', '--git-path', 'info/exclude'] });
  const file = resolve(folder, text.replace(/\n$/, ''));
  const present = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const lines = new Set(present.split(/\r?\n/));
  const missing = patterns.filter((pattern) => !lines.has(pattern));
  if (missing.length === 0) return;
  mkdirSync(dirname(file), { recursive: true });
  const start = present === '' || present.endsWith('\n') ? '' : '\n';
  appendFileSync(file, `${start}${missing.join('\n')}\n`);
}
