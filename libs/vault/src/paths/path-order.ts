/**
 * Compares paths as databases order them: by code points, which is the order of their bytes in UTF-8.
 *
 * Takes two texts; returns a number below, above or equal to 0. Never throws.
 */
export function comparePaths(one: string, other: string): number {
  if (one === other) return 0;
  const length = Math.min(one.length, other.length);
  for (let at = 0; at < length; at++) {
    const [left, right] = [one.charCodeAt(at), other.charCodeAt(at)];
    if (left === right) continue;
    // A surrogate stands for a code point above all that a single unit can be.
    const [isHigh, isOtherHigh] = [left >= 0xd800 && left <= 0xdfff, right >= 0xd800 && right <= 0xdfff];
    return isHigh === isOtherHigh ? left - right : isHigh ? 1 : -1;
  }
  return one.length - other.length;
}

interface WithPath {
  path: string;
}

/**
 * Goes through two lists that come page by page in the order of `comparePaths`, without keeping more than a page of
 * each: gives every path once, with what either list has of it.
 *
 * Where a list is out of order, a path is given twice, once from each side. Throws what reading a page throws.
 */
export async function* pairByPath<Left extends WithPath, Right extends WithPath>(
  lefts: AsyncIterable<readonly Left[]> | Iterable<readonly Left[]>,
  rights: AsyncIterable<readonly Right[]>,
): AsyncGenerator<{ left: Left; right: Right | undefined } | { left: undefined; right: Right }> {
  const pages = rights[Symbol.asyncIterator]();
  let page: readonly Right[] = [];
  let at = 0;
  let ended = false;

  async function fill(): Promise<void> {
    while (at >= page.length && !ended) {
      const next = await pages.next();
      ended = next.done === true;
      page = next.done ? [] : next.value;
      at = 0;
    }
  }

  for await (const batch of lefts) {
    for (const left of batch) {
      for (;;) {
        if (at >= page.length) await fill();
        const right = page[at];
        const order = right ? comparePaths(right.path, left.path) : 1;
        if (right && order <= 0) at++;
        if (right && order < 0) {
          yield { left: undefined, right };
          continue;
        }
        yield { left, right: order === 0 ? right : undefined };
        break;
      }
    }
  }
  for (await fill(); at < page.length; await fill()) {
    const right = page[at++];
    if (right) yield { left: undefined, right };
  }
}
