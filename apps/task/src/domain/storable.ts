/**
 * A text as every database takes it, of the same length: PostgreSQL refuses NUL characters and halves of surrogate
 * pairs, so both become U+FFFD.
 */
export function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\u{FFFD}');
}
