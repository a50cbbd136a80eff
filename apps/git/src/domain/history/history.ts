import type { HistoryItem } from '@weave-nn/clients';
import { isHiddenPath, normaliseVaultPath } from '@weave-nn/vault';
import { GitError, isGitError } from '../../errors.ts';
import { changedFiles, readNameStatus } from '../commit/changed-files.ts';
import { fieldsOf } from '../program/git.ts';
import type { Repository } from '../repository.ts';
import { assertKnown, decodeCursor, encodeCursor } from './cursor.ts';
import { beginsCommit, LOG_FIELDS, LOG_FORMAT, readCommit } from './log.ts';

const SHA = /^[0-9a-f]{40,64}$/;
const NUMBER = /^\d{1,12}$/;
const NO_CHANGES = { path: null, from: null, change: null };

export interface HistoryPage {
  items: HistoryItem[];
  nextCursor: string | null;
}

/** A stretch of history in which a file has one path, and how much of it was shown. */
interface Stretch {
  start: string;
  path: string;
  skip: number;
}

/** A vault path that history tells of. */
export function historyPath(path: string): string {
  const normal = normaliseVaultPath(path.replace(/\/+$/, ''));
  if (isHiddenPath(normal)) throw new GitError('path-hidden', `${path} is hidden`);
  return normal;
}

/** Lists commits, the newest first. */
export function createHistory(repository: Repository) {
  const { git } = repository;

  async function log(start: string, skip: number, limit: number, path: string | null): Promise<HistoryItem[]> {
    const { text } = await git.read({
      args: [
        'log',
        '-z',
        `--format=tformat:${LOG_FORMAT}`,
        `--skip=${skip}`,
        `--max-count=${limit}`,
        ...(path === null ? [] : ['--name-status', '--no-renames']),
        start,
        '--',
        ...(path === null ? [] : [path]),
      ],
    });
    const fields = fieldsOf(text);
    const items: HistoryItem[] = [];
    for (let at = 0; at < fields.length; ) {
      const commit = readCommit(fields.slice(at, at + LOG_FIELDS));
      at += LOG_FIELDS;
      const from = at;
      while (at < fields.length && !beginsCommit(fields[at] ?? '')) at++;
      const [kind = '', name = ''] = fields.slice(from, at);
      const [file] = kind === '' ? [] : readNameStatus([kind.trim(), name]);
      items.push({ ...commit, ...NO_CHANGES, ...(file ? { path: file.path, change: file.change } : {}) });
    }
    return items;
  }

  /** The path that a file had before a commit that seems to add it. */
  async function formerPath({ sha, parents }: HistoryItem, path: string): Promise<string | null> {
    const [parent] = parents;
    if (parent === undefined) return null;
    const files = await changedFiles(git, parent, sha);
    return files.find((file) => file.change === 'renamed' && file.path === path)?.from ?? null;
  }

  /** A note's commits, from stretch to stretch as it was renamed. */
  async function ofFile(first: Stretch, limit: number): Promise<HistoryPage> {
    const items: HistoryItem[] = [];
    let stretch: Stretch | undefined = first;
    while (stretch) {
      const { start, path, skip }: Stretch = stretch;
      const found = await log(start, skip, limit - items.length + 1, path);
      stretch = undefined;
      for (const [index, item] of found.entries()) {
        if (items.length === limit) return { items, nextCursor: encodeCursor([start, path, skip + index]) };
        const from: string | null = item.change === 'added' ? await formerPath(item, path) : null;
        const parent = item.parents[0];
        items.push(from === null ? item : { ...item, from, change: 'renamed' });
        if (from === null || parent === undefined) continue;
        stretch = { start: parent, path: from, skip: 0 };
        break;
      }
    }
    return { items, nextCursor: null };
  }

  async function isFolder(start: string, path: string): Promise<boolean> {
    const { text } = await git.read({ args: ['ls-tree', '-z', start, '--', path] });
    return text.startsWith('040000 tree');
  }

  async function ofMany(start: string, path: string | null, skip: number, limit: number): Promise<HistoryPage> {
    const found = await log(start, skip, limit + 1, path);
    const items = found.map((item) => ({ ...item, ...NO_CHANGES }));
    const more = items.length > limit;
    return {
      items: items.slice(0, limit),
      nextCursor: more ? encodeCursor([start, path ?? '', skip + limit]) : null,
    };
  }

  return {
    /**
     * The commits of the vault, of a folder, or of a note whatever it was called. A page goes on where the one before
     * ended, whatever was committed meanwhile.
     */
    async page(query: { path?: string; cursor?: string; limit: number }): Promise<HistoryPage> {
      const path = query.path === undefined || query.path === '' ? null : historyPath(query.path);
      const resumed = decodeCursor(query.cursor, [SHA, /^/, NUMBER]);
      if (resumed) await assertKnown(repository, 'commit', resumed.slice(0, 1));
      const [start, at, skip] = resumed ?? [await newest(), path ?? '', '0'];
      if (start === undefined || at === undefined) return { items: [], nextCursor: null };
      if (path === null) return ofMany(start, null, Number(skip), query.limit);
      const place = historyPath(at);
      const [folder, page] = await Promise.all([
        isFolder(start, place),
        ofFile({ start, path: place, skip: Number(skip) }, query.limit),
      ]);
      return folder ? ofMany(start, place, Number(skip), query.limit) : page;
    },
  };

  /** Undefined while there is no commit. */
  async function newest(): Promise<string | undefined> {
    try {
      return await repository.resolve('HEAD');
    } catch (error) {
      if (isGitError(error, 'repository-empty')) return undefined;
      throw error;
    }
  }
}

export type History = ReturnType<typeof createHistory>;
