/**
 * Cuts rows into what one statement each may carry, in their order; a row that is larger by itself is a part by itself.
 *
 * @param most how much the sizes of a part's rows may add up to
 */
export function* partsOf<Row>(rows: readonly Row[], most: number, sizeOf: (row: Row) => number): Generator<Row[]> {
  let part: Row[] = [];
  let size = 0;
  for (const row of rows) {
    const added = sizeOf(row);
    if (part.length > 0 && size + added > most) {
      yield part;
      part = [];
      size = 0;
    }
    part.push(row);
    size += added;
  }
  if (part.length > 0) yield part;
}
