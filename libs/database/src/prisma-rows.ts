/** A row of Prisma with numbers where it has a bigint. */
export type WithNumbers<Row> = {
  [Column in keyof Row]: Row[Column] extends bigint
    ? number
    : Row[Column] extends bigint | null
      ? number | null
      : Row[Column];
};

/** Turns the bigints of a row, which are times or counts within ±2^53, into numbers. */
export function withNumbers<Row extends object>(row: Row): WithNumbers<Row> {
  const entries = Object.entries(row).map(([column, value]) => [
    column,
    typeof value === 'bigint' ? Number(value) : value,
  ]);
  return Object.fromEntries(entries) as WithNumbers<Row>;
}
