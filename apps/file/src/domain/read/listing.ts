import type { FileItem } from '@weave-nn/clients';
import type { Static } from '@weave-nn/config';
import mime from 'mime';
import picomatch from 'picomatch';
import { FileError } from '../../errors.ts';
import type { ManifestEntry, ManifestStore } from '../../store/manifest.ts';

const DEFAULT_LIMIT = 100;
const SCAN = 1000;

/** The media type a file's name tells. */
export function contentTypeOf(path: string): string {
  if (/\.(md|markdown)$/i.test(path)) return 'text/markdown; charset=utf-8';
  const type = mime.getType(path) ?? 'application/octet-stream';
  return type.startsWith('text/') ? `${type}; charset=utf-8` : type;
}

/** A cursor as callers see it. */
export function encodeCursor(position: string): string {
  return Buffer.from(position).toString('base64url');
}

/** @throws FileError `cursor-invalid` for one that was not given out */
export function decodeCursor(cursor: string | undefined): string {
  if (cursor === undefined || cursor === '') return '';
  const position = Buffer.from(cursor, 'base64url').toString();
  if (encodeCursor(position) !== cursor)
    throw new FileError('cursor-invalid', 'invalid cursor; send the nextCursor of an earlier response');
  return position;
}

function toItem(entry: ManifestEntry): Static<typeof FileItem> {
  return {
    path: entry.path,
    size: entry.size,
    mtime: new Date(entry.mtimeUs / 1000).toISOString(),
    etag: `"${entry.hash}"`,
    contentType: contentTypeOf(entry.path),
  };
}

export interface ListQuery {
  folder?: string;
  glob?: string;
  limit?: number;
  cursor?: string;
}

/** A folder or glob without what says that it starts at the vault's root. */
function fromRoot(path: string): string {
  return path.replace(/^(?:\.?\/+)+/, '');
}

/** Lists of files. */
export function createListing(manifest: ManifestStore) {
  function matcher(glob: string | undefined): (path: string) => boolean {
    if (glob === undefined) return () => true;
    // Parentheses, and "!" at the start, are what names of notes begin and end with more often than patterns.
    const pattern = fromRoot(glob)
      .normalize('NFC')
      .replace(/\\?[()]/g, (found) => `\\${found.at(-1)}`);
    try {
      const matches = picomatch(pattern, { strictBrackets: true, noextglob: true, nonegate: true });
      return (path) => matches(path.normalize('NFC'));
    } catch (error) {
      throw new FileError('glob-invalid', `the glob ${glob} cannot be read: ${(error as Error).message}`);
    }
  }

  /** A folder as the manifest spells it, since its name may be there in another Unicode normalisation. */
  async function spelled(folder: string): Promise<string> {
    const spellings = new Set([folder, folder.normalize('NFC'), folder.normalize('NFD')]);
    if (spellings.size === 1) return folder;
    for (const spelling of spellings) if ((await manifest.page(spelling, '', 1)).length > 0) return spelling;
    return folder;
  }

  return {
    /** Files in path order, a page at a time. */
    async page({ folder: asked = '', glob, limit = DEFAULT_LIMIT, cursor }: ListQuery) {
      const folder = await spelled(fromRoot(asked).replace(/\/+$/, ''));
      const matches = matcher(glob);
      const items: ManifestEntry[] = [];
      let position = decodeCursor(cursor);
      for (;;) {
        const entries = await manifest.page(folder, position, SCAN);
        for (const entry of entries) {
          if (!matches(entry.path)) continue;
          if (items.length === limit) {
            return { items: items.map(toItem), nextCursor: encodeCursor(items.at(-1)?.path ?? '') };
          }
          items.push(entry);
        }
        if (entries.length < SCAN) return { items: items.map(toItem), nextCursor: null };
        position = entries.at(-1)?.path ?? position;
      }
    },

    /** Paths, hashes and sequences of everything, a page at a time. */
    async manifestPage(cursor: string | undefined, limit: number) {
      const entries = await manifest.page('', decodeCursor(cursor), limit);
      const items = entries.map(({ path, hash, sequence }) => ({ path, hash, sequence }));
      return { items, nextCursor: entries.length < limit ? null : encodeCursor(entries.at(-1)?.path ?? '') };
    },
  };
}

export type Listing = ReturnType<typeof createListing>;
