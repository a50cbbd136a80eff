/**
 * A text as every database takes it, of the same length: PostgreSQL refuses NUL characters and halves of surrogate
 * pairs, so both become U+FFFD, which like them is part of no word.
 */
export function storableText(text: string): string {
  const wellFormed = text.toWellFormed();
  return wellFormed.includes('\0') ? wellFormed.replaceAll('\0', '\u{FFFD}') : wellFormed;
}

/** The same for all texts in data that JSON can express, names of properties included. */
export function storableData(data: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [storableText(key), storableValue(value)]));
}

/**
 * Data that JSON can express with texts that every database takes, and its JSON. JSON spells with `\u` whatever has to
 * be replaced, which most data lacks: that stays as it is.
 */
export function storable<Value>(value: Value): { value: Value; json: string } {
  const json = JSON.stringify(value);
  if (!json.includes('\\u')) return { value, json };
  const replaced = storableValue(value) as Value;
  return { value: replaced, json: JSON.stringify(replaced) };
}

function storableValue(value: unknown): unknown {
  if (typeof value === 'string') return storableText(value);
  if (Array.isArray(value)) return value.map(storableValue);
  return value !== null && typeof value === 'object' ? storableData(value as Record<string, unknown>) : value;
}
