import type { Git } from './git.ts';

const LINE_END = 10;
const MAX_AT_ONCE = 16 * 1024 * 1024;

/** The sizes of objects, in bytes; one that is not there has none. */
export async function blobSizes(git: Git, names: readonly string[]): Promise<Map<string, number>> {
  const sizes = new Map<string, number>();
  if (names.length === 0) return sizes;
  const { text } = await git.read({
    args: ['cat-file', '--batch-check=%(objectname) %(objectsize)'],
    input: names.map((name) => `${name}\n`).join(''),
  });
  for (const line of text.split('\n')) {
    const [name = '', size = ''] = line.split(' ');
    if (/^\d+$/.test(size)) sizes.set(name, Number(size));
  }
  return sizes;
}

async function readTogether(git: Git, names: readonly string[], into: Map<string, Buffer>): Promise<void> {
  const { stdout } = await git.read({
    args: ['cat-file', '--batch'],
    input: names.map((name) => `${name}\n`).join(''),
  });
  for (let at = 0; at < stdout.length; ) {
    const end = stdout.indexOf(LINE_END, at);
    const [name = '', , size] = stdout.toString('utf8', at, end).split(' ');
    if (size === undefined || !/^\d+$/.test(size)) {
      at = end + 1;
      continue;
    }
    into.set(name, stdout.subarray(end + 1, end + 1 + Number(size)));
    at = end + 2 + Number(size);
  }
}

/**
 * The contents of blobs, a few megabytes at a time.
 *
 * @param most bytes of the largest that is read; larger ones are left out
 */
export async function* readBlobs(
  git: Git,
  names: readonly string[],
  most: number,
): AsyncGenerator<Map<string, Buffer>> {
  const sizes = await blobSizes(git, [...new Set(names)]);
  let batch: string[] = [];
  let size = 0;
  for (const [name, bytes] of sizes) {
    if (bytes > most) continue;
    if (batch.length > 0 && size + bytes > MAX_AT_ONCE) {
      const blobs = new Map<string, Buffer>();
      await readTogether(git, batch, blobs);
      yield blobs;
      batch = [];
      size = 0;
    }
    batch.push(name);
    size += bytes;
  }
  if (batch.length === 0) return;
  const blobs = new Map<string, Buffer>();
  await readTogether(git, batch, blobs);
  yield blobs;
}
