import { ReadSideError } from '../errors.ts';

/** A place in a list, as callers see it. */
export function encodeCursor(position: string | number): string {
  return Buffer.from(String(position)).toString('base64url');
}

/** @throws ReadSideError `cursor-invalid` for one that was not given out */
export function decodeCursor(cursor: string | undefined): string {
  if (cursor === undefined) return '';
  const position = Buffer.from(cursor, 'base64url').toString();
  if (encodeCursor(position) !== cursor || position.includes('\0')) {
    throw new ReadSideError('cursor-invalid', 'invalid cursor; send the nextCursor of an earlier response');
  }
  return position;
}

/** A cursor that counts items. */
export function decodeOffset(cursor: string | undefined): number {
  const position = decodeCursor(cursor);
  if (!/^\d{0,15}$/.test(position))
    throw new ReadSideError('cursor-invalid', 'invalid cursor; send the nextCursor of an earlier response');
  return Number(position);
}

/** One page out of rows that were asked for with one more than `limit`. */
export function pageOf<Row>(rows: readonly Row[], offset: number, limit: number) {
  const more = rows.length > limit;
  return { items: rows.slice(0, limit), nextCursor: more ? encodeCursor(offset + limit) : null };
}
