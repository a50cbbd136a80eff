const ESCAPES = /(?:%[0-9A-Fa-f]{2})+/g;

function sequenceLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead >= 0xc2 && lead < 0xe0) return 2;
  if (lead >= 0xe0 && lead < 0xf0) return 3;
  if (lead >= 0xf0 && lead < 0xf5) return 4;
  return 0;
}

function decodeRun(run: string): string {
  let out = '';
  let at = 0;
  while (at < run.length) {
    const length = sequenceLength(Number.parseInt(run.slice(at + 1, at + 3), 16)) * 3;
    const piece = run.slice(at, at + length);
    let decoded = '';
    if (length > 0 && piece.length === length) {
      try {
        decoded = decodeURIComponent(piece);
      } catch {
        decoded = '';
      }
    }
    if (decoded === '') {
      out += run.slice(at, at + 3);
      at += 3;
    } else {
      out += decoded;
      at += length;
    }
  }
  return out;
}

/**
 * Decodes the percent-escapes of a link destination.
 *
 * Takes any text; returns it with every escape that is valid UTF-8 decoded and every other escape left as it is.
 * Never throws.
 */
export function decodePercent(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(ESCAPES, decodeRun);
}
