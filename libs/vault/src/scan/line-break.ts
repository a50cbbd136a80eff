/** The line break a text mostly uses: `\r\n` when more than half of its lines end so, else `\n`. Never throws. */
export function dominantLineBreak(text: string): '\n' | '\r\n' {
  let crlf = 0;
  let all = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) {
    all++;
    if (at > 0 && text.charCodeAt(at - 1) === 13) crlf++;
  }
  return crlf * 2 > all ? '\r\n' : '\n';
}

/** `text` with every line break written as `lineBreak`. Never throws. */
export function withLineBreak(text: string, lineBreak: string): string {
  return text.includes('\n') ? text.replace(/\r?\n/g, lineBreak) : text;
}

/** Offset after the line break that ends the line `at` is in, or the end of the text. Never throws. */
export function nextLineStart(text: string, at: number): number {
  const found = text.indexOf('\n', at);
  return found < 0 ? text.length : found + 1;
}

/** `to` moved back over line breaks and white space, not before `from`. Never throws. */
export function trimBack(text: string, from: number, to: number): number {
  let end = to;
  while (end > from && /\s/.test(text.charAt(end - 1))) end--;
  return end;
}
