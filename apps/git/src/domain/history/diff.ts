import type { DiffFile } from '@weave-nn/clients';
import { isHiddenPath } from '@weave-nn/vault';
import { isGitError } from '../../errors.ts';
import { readNameStatus } from '../commit/changed-files.ts';
import type { CommittedFile } from '../commit/message.ts';
import { fieldsOf } from '../program/git.ts';
import type { Repository } from '../repository.ts';
import { assertKnown, decodeCursor, encodeCursor } from './cursor.ts';
import { historyPath } from './history.ts';
import { readHunks } from './patch.ts';

const LARGEST_PATCH = 1024 * 1024;
const SHA = /^[0-9a-f]{40,64}$/;
const NUMBER = /^\d{1,9}$/;

export interface DiffWish {
  from?: string;
  to?: string;
  path?: string;
  context: number;
  limit: number;
  cursor?: string;
}

/** What differs between two commits, file by file. */
export function createDiffs(repository: Repository) {
  const { git } = repository;

  async function ends({ from, to }: DiffWish): Promise<[from: string | null, to: string]> {
    const end = await repository.resolve(to ?? 'HEAD');
    if (from !== undefined) return [await repository.resolve(from), end];
    const { text } = await git.read({ args: ['rev-list', '--parents', '--max-count=1', end, '--'] });
    return [text.trim().split(' ')[1] ?? null, end];
  }

  const isWithin = (file: CommittedFile, path: string) =>
    [file.path, file.from].some((each) => each === path || each?.startsWith(`${path}/`));

  async function differing(from: string, to: string, path: string | undefined): Promise<CommittedFile[]> {
    const { text } = await git.read({ args: ['diff-tree', '-r', '-z', '-M', '--name-status', from, to, '--'] });
    const within = path === undefined ? undefined : historyPath(path);
    return readNameStatus(fieldsOf(text)).filter(
      (file) => !isHiddenPath(file.path) && (within === undefined || isWithin(file, within)),
    );
  }

  async function describe(file: CommittedFile, from: string, to: string, context: number): Promise<DiffFile> {
    const paths = file.from === null ? [file.path] : [file.from, file.path];
    const nothing = { ...file, binary: false, tooLarge: false, unified: '', hunks: [] };
    let unified: string;
    try {
      const args = [
        'diff',
        '--no-color',
        '--no-ext-diff',
        '--no-textconv',
        '-M',
        `-U${context}`,
        from,
        to,
        '--',
        ...paths,
      ];
      unified = (await git.read({ args, mostOutput: LARGEST_PATCH })).text;
    } catch (error) {
      if (isGitError(error, 'output-too-large')) return { ...nothing, tooLarge: true };
      throw error;
    }
    const binary = /^Binary files .* differ$/m.test(unified) && !unified.includes('\n@@ ');
    return { ...nothing, binary, unified, hunks: binary ? [] : readHunks(unified) };
  }

  return {
    async page(wish: DiffWish) {
      const resumed = decodeCursor(wish.cursor, [SHA, SHA, NUMBER]);
      if (resumed) await assertKnown(repository, 'tree', resumed.slice(0, 2));
      const [from, to] = resumed ? [resumed[0] as string, resumed[1] as string] : await ends(wish);
      const start = Number(resumed?.[2] ?? 0);
      const { emptyTree } = await repository.objectNames();
      const before = from ?? emptyTree;
      const files = await differing(before, to, wish.path);
      const shown = files.slice(start, start + wish.limit);
      const items = await Promise.all(shown.map((file) => describe(file, before, to, wish.context)));
      const next = start + shown.length;
      return {
        from: from === emptyTree ? null : from,
        to,
        items,
        nextCursor: next < files.length ? encodeCursor([before, to, next]) : null,
      };
    },
  };
}

export type Diffs = ReturnType<typeof createDiffs>;
