/** The paths of rows by what some of them have in common, in their order. */
export function pathsBy<Row extends { path: string }>(
  rows: readonly Row[],
  keyOf: (row: Row) => string,
): Map<string, string[]> {
  const groups = Map.groupBy(rows, keyOf);
  return new Map([...groups].map(([key, group]) => [key, group.map(({ path }) => path)]));
}
