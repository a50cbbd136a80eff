import type { ChangedFile, DryRunResult, HistoryItem } from '@weave-nn/clients';
import type { AddCommand } from '../add-command.ts';
import { requireRunning } from '../connection.ts';
import { environmentOf, type Options } from '../environment.ts';
import { exitCodes } from '../errors.ts';
import { print } from '../output.ts';
import { readCount } from '../read-count.ts';

const PAGE = 1000;
const DEFAULT_LIMIT = 20;
const SHORT = 10;

interface HistoryOptions extends Options {
  limit: number;
}

interface RestoreOptions extends Options {
  at: string;
  removeOthers?: boolean;
  dryRun?: boolean;
}

const names = { path: '<path>', sha: '--at', limit: '--limit' };

/** One line, since whoever made the commit may have written anything. */
const oneLine = (text: string) => text.replaceAll(/\p{Cc}+/gu, ' ');

function describeCommit({ sha, subject, author, authoredAt, change, from }: HistoryItem): string {
  const move = change === 'renamed' && from !== null ? `  (was ${oneLine(from)})` : '';
  return `${sha.slice(0, SHORT)}  ${authoredAt.slice(0, 16).replace('T', ' ')}  ${oneLine(subject)}  ${oneLine(author.name)}${move}`;
}

/** Lists the commits of the vault, or of a note or folder, the newest first. */
async function listHistory(path: string | undefined, options: HistoryOptions): Promise<number> {
  const { call } = requireRunning(environmentOf(options));
  const items: HistoryItem[] = [];
  let cursor: string | null = '';
  while (cursor !== null && items.length < options.limit) {
    const query = new URLSearchParams({ limit: String(Math.min(PAGE, options.limit - items.length)) });
    if (path !== undefined) query.set('path', path);
    if (cursor) query.set('cursor', cursor);
    const page: { items: HistoryItem[]; nextCursor: string | null } = await call(`/v1/git/history?${query}`, { names });
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  print(options.json === true, { items }, () => (items.length === 0 ? ['no commits'] : items.map(describeCommit)));
  return exitCodes.ok;
}

/** Brings a note or folder back to what it was in a commit, or shows what that would change. */
async function restore(path: string, options: RestoreOptions): Promise<number> {
  const { call } = requireRunning(environmentOf(options));
  const request = { path, sha: options.at, ...(options.removeOthers ? { removeOthers: true } : {}) };
  if (options.dryRun) {
    const preview = await call<DryRunResult>('/v1/git/restore?dryRun=true', { method: 'POST', body: request, names });
    print(options.json === true, preview, () =>
      preview.changes.length === 0 ? ['nothing would change'] : preview.changes.map(({ diff }) => diff.trimEnd()),
    );
    return exitCodes.ok;
  }
  const result = await call<{ changed: ChangedFile[] }>('/v1/git/restore', { method: 'POST', body: request, names });
  print(options.json === true, result, () =>
    result.changed.length === 0
      ? ['all is as it was then']
      : result.changed.map((file) => `${file.path} is ${file.change === 'deleted' ? 'in the trash' : 'restored'}`),
  );
  return exitCodes.ok;
}

/**
 * Adds `weave history` and `weave restore`.
 *
 * @param command adds a command with the options that all have
 * @param end takes the exit code
 */
export function addHistoryCommands(command: AddCommand, end: (exitCode: number) => void): void {
  command('history', 'list the commits of the vault, or of a note or folder')
    .argument('[path]', 'a note, whatever it was called, or a folder')
    .option('--limit <number>', 'how many to show', readCount, DEFAULT_LIMIT)
    .action(async (path: string | undefined, options: HistoryOptions) => end(await listHistory(path, options)));
  command('restore', 'bring a note or folder back to what it was in a commit')
    .argument('<path>', 'the note or folder')
    .requiredOption('--at <commit>', 'the commit, as weave history lists it')
    .option('--remove-others', 'move what the folder has now and had not then to the trash')
    .option('--dry-run', 'only show what would change')
    .action(async (path: string, options: RestoreOptions) => end(await restore(path, options)));
}
