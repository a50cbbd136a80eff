/** A run of lines, counted from 1, both ends included. */
export interface Paragraph {
  startLine: number;
  endLine: number;
}

const FENCE = /^ {0,3}(`{3,}|~{3,})/;

/** The line on which frontmatter ends; 0 when there is none. */
function frontmatterEnd(lines: readonly string[]): number {
  if (lines[0]?.trimEnd() !== '---') return 0;
  const end = lines.findIndex((line, index) => index > 0 && line.trimEnd() === '---');
  return end < 0 ? 0 : end + 1;
}

/** Divides a note into what blank lines keep apart; frontmatter and fenced code are one each, with their blank lines. */
export function paragraphsOf(text: string): Paragraph[] {
  const lines = text.split('\n');
  const paragraphs: Paragraph[] = [];
  const end = frontmatterEnd(lines);
  if (end > 0) paragraphs.push({ startLine: 1, endLine: end });
  let open: Paragraph | undefined;
  let fence: string | undefined;
  for (let line = end + 1; line <= lines.length; line++) {
    const content = lines[line - 1] ?? '';
    const mark = FENCE.exec(content)?.[1];
    const isInside = fence !== undefined;
    if (fence === undefined) fence = mark;
    else if (mark?.startsWith(fence) && content.trim() === mark) fence = undefined;
    if (!isInside && content.trim() === '') {
      open = undefined;
      continue;
    }
    if (open) open.endLine = line;
    else {
      open = { startLine: line, endLine: line };
      paragraphs.push(open);
    }
  }
  const last = paragraphs.at(-1);
  if (last && last.endLine === lines.length && lines.at(-1) === '') last.endLine--;
  return paragraphs.filter(({ startLine, endLine }) => endLine >= startLine);
}
