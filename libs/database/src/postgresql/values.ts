import pg from 'pg';

/** Column types by their object ids (`SELECT oid, typname FROM pg_type`). */
const parsers: Record<number, (text: string) => unknown> = {
  // bool, as SQLite has it
  16: (text) => (text === 't' ? 1 : 0),
  // bytea
  17: (text) => bytes(text),
  // int8 and numeric, of which sums and counts are made
  20: (text) => safeInteger(text),
  1700: (text) => Number(text),
  // json and jsonb stay text
  114: (text) => text,
  3802: (text) => text,
  // date stays text, timestamp is UTC here, timestamptz says its zone
  1082: (text) => text,
  1114: (text) => isoTime(`${text}Z`),
  1184: (text) => isoTime(text),
};

/** Reads columns as `SqlValue`s, the same as SQLite gives them. */
export const sqlValueTypes = {
  getTypeParser: (oid: number, format?: string) =>
    format === 'binary' ? pg.types.getTypeParser(oid, 'binary') : (parsers[oid] ?? pg.types.getTypeParser(oid, 'text')),
} as pg.CustomTypesConfig;

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`${text} is too large for a number`);
  return value;
}

function bytes(text: string): Uint8Array {
  const buffer = Buffer.from(text.slice(2), 'hex');
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}

function isoTime(text: string): string {
  const time = new Date(text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00'));
  return Number.isNaN(time.getTime()) ? text : time.toISOString();
}
