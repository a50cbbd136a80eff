import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { frontmatterLinks, isNote, noteTags, parseNote, readFrontmatter } from '@weave-nn/vault';
import type { FastifyReply, FastifyRequest } from 'fastify';
import parseRange from 'range-parser';
import { decodeNote } from '../domain/read/content.ts';
import { contentTypeOf } from '../domain/read/listing.ts';
import type { Reads } from '../domain/read/reads.ts';
import { sameState, toFileStat, type VaultFolder } from '../domain/vault-folder.ts';
import { FileError, fileBusy } from '../errors.ts';
import type { ManifestEntry } from '../store/manifest.ts';
import { header, pathOf } from './request.ts';

export interface Sources {
  folder: VaultFolder;
}

/** What scripts in a served file could otherwise do with the caller's rights. */
const NO_SCRIPTS = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'; sandbox";

/** How often a file is looked at that is replaced meanwhile. */
const MAX_ATTEMPTS = 10;
/** Error codes of opening a file that has been removed, or replaced by a folder or a link. */
const REPLACED: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP']);

function wantsJson(request: FastifyRequest): boolean {
  return /\bapplication\/json\b/.test(header(request, 'accept') ?? '');
}

function notModified(request: FastifyRequest, etag: string): boolean {
  const known = header(request, 'if-none-match');
  return (
    known !== undefined &&
    (known.trim() === '*' || known.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag))
  );
}

/** A note with what was found in it. */
function describeNote(entry: ManifestEntry, bytes: Buffer) {
  const { text, warning } = decodeNote(bytes);
  const parsed = parseNote(text);
  const { data, warning: frontmatterWarning } = readFrontmatter(parsed);
  return {
    path: entry.path,
    content: text,
    size: entry.size,
    mtime: new Date(entry.mtimeUs / 1000).toISOString(),
    etag: `"${entry.hash}"`,
    frontmatter: data,
    tags: noteTags(parsed, data),
    links: [...frontmatterLinks(parsed, text), ...parsed.links],
    headings: parsed.headings,
    blocks: parsed.blocks,
    warnings: [warning, frontmatterWarning].filter((each) => each !== null),
  };
}

/**
 * Answers with a file: as JSON, whole, in part, or not at all when the caller has it. One that is replaced between the
 * look at it and its opening is looked at again.
 *
 * @throws FileError `file-busy` when it is replaced each time
 */
export async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  { folder, reads }: Sources & { reads: Reads },
) {
  folder.assertPresent();
  const path = pathOf(request);
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const absolute = folder.locate(path);
    if (folder.isFolder(path)) throw new FileError('path-is-folder', `${path} is a folder; list it with ?folder=`);
    const entry = await reads.current(path);
    if (!entry) throw new FileError('file-not-found', `there is no file ${path}`);
    reply.header('etag', `"${entry.hash}"`).header('vary', 'accept').header('cache-control', 'no-cache');
    if (notModified(request, `"${entry.hash}"`)) return reply.code(304).send();
    if (wantsJson(request) && isNote(path)) {
      const snapshot = folder.read(path);
      if (snapshot?.hash === entry.hash) return reply.send(describeNote(entry, snapshot.bytes));
      continue;
    }
    const file = await openAs(absolute, entry);
    if (file) return sendBytes(request, reply, file, entry);
  }
  throw fileBusy(path);
}

/** Opens the file that an entry describes; undefined when it has been replaced or removed since. */
async function openAs(absolute: string, entry: ManifestEntry): Promise<FileHandle | undefined> {
  let file: FileHandle;
  try {
    file = await open(absolute, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    if (REPLACED.has((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
  try {
    if (sameState(toFileStat(await file.stat({ bigint: true })), entry)) return file;
  } catch (error) {
    await file.close();
    throw error;
  }
  await file.close();
  return undefined;
}

async function sendBytes(request: FastifyRequest, reply: FastifyReply, file: FileHandle, entry: ManifestEntry) {
  try {
    reply
      .header('accept-ranges', 'bytes')
      .header('content-type', contentTypeOf(entry.path))
      .header('content-security-policy', NO_SCRIPTS)
      .header('last-modified', new Date(entry.mtimeUs / 1000).toUTCString());
    const range = rangeOf(request, reply, entry);
    const { start, end } = range ?? { start: 0, end: entry.size - 1 };
    if (range) reply.code(206).header('content-range', `bytes ${start}-${end}/${entry.size}`);
    reply.header('content-length', String(end - start + 1));
    if (end < start) {
      await file.close();
      return reply.send('');
    }
    return reply.send(file.createReadStream({ start, end }));
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** The one range that was asked for (RFC 9110 section 14); several are answered with the whole file. */
function rangeOf(request: FastifyRequest, reply: FastifyReply, { hash, size }: ManifestEntry) {
  const asked = header(request, 'range');
  const condition = header(request, 'if-range');
  if (asked === undefined || (condition !== undefined && condition !== `"${hash}"`)) return null;
  const ranges = parseRange(size, asked);
  if (ranges === -1) {
    reply.header('content-range', `bytes */${size}`);
    throw new FileError('range-invalid', `the file has ${size} bytes; ${asked} is outside of it`);
  }
  const [only, ...others] = ranges === -2 || ranges.type !== 'bytes' ? [] : ranges;
  return only && others.length === 0 ? only : null;
}
