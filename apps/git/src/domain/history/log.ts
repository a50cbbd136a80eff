import type { Commit } from '@weave-nn/clients';

/** The fields of a commit in git's log, NUL between them, after a mark that no field begins with. */
export const LOG_FORMAT = ['%x01%H', '%P', '%an', '%ae', '%at', '%ct', '%s', '%b'].join('%x00');
export const LOG_FIELDS = 8;
const MARK = '\u0001';

const toTime = (seconds: string | undefined) => new Date(Number(seconds) * 1000).toISOString();

/** Reads a commit from its fields in the order of `LOG_FORMAT`. */
export function readCommit(fields: readonly string[]): Commit {
  const [sha = '', parents = '', name = '', email = '', authored, committed, subject = '', body = ''] = fields;
  return {
    sha: sha.replace(MARK, '').trim(),
    parents: parents.split(' ').filter(Boolean),
    subject,
    body: body.trim(),
    author: { name, email },
    authoredAt: toTime(authored),
    committedAt: toTime(committed),
  };
}

/** Whether a field begins a commit, and is no file of the one before. */
export const beginsCommit = (field: string) => field.startsWith(MARK);
