import { GitError } from '../../errors.ts';
import type { Repository } from '../repository.ts';

const invalid = () => new GitError('cursor-invalid', 'invalid cursor; send the nextCursor of an earlier response');

/** @throws GitError `cursor-invalid` where a cursor names objects that the repository does not have */
export async function assertKnown(repository: Repository, kind: 'commit' | 'tree', names: readonly string[]) {
  if (!(await repository.has(kind, names))) throw invalid();
}

/** A place in a list, as callers see it. */
export function encodeCursor(parts: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/**
 * @param shape what each part looks like
 * @returns the parts; undefined for no cursor
 * @throws GitError `cursor-invalid` for one that was not given out
 */
export function decodeCursor(cursor: string | undefined, shape: readonly RegExp[]): string[] | undefined {
  if (cursor === undefined) return undefined;
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw invalid();
  }
  if (!Array.isArray(parts) || parts.length !== shape.length) throw invalid();
  const texts = parts.map(String);
  if (!texts.every((text, index) => shape[index]?.test(text))) throw invalid();
  return texts;
}
