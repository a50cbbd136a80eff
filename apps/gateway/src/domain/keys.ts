import { createHash, timingSafeEqual } from 'node:crypto';

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/**
 * Compares keys in a time that tells nothing of where they differ.
 *
 * @param key the right one
 */
export function createKeyCheck(key: string): (given: string) => boolean {
  const wanted = digest(key);
  return (given) => timingSafeEqual(digest(given), wanted);
}

/** The key of an `Authorization` header, undefined when it has none. The scheme's case does not matter (RFC 9110). */
export function bearerOf(authorization: string | undefined): string | undefined {
  const found = /^bearer +([^\s]+) *$/i.exec(authorization ?? '');
  return found?.[1];
}
