import type { DiffFile } from '@weave-nn/clients';
import { compareWords } from './words.ts';

type Hunk = DiffFile['hunks'][number];
type Line = Hunk['lines'][number];

const HUNK = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/;

/** Pairs removed lines with the added ones that take their place, and compares their words. */
function pairLines(lines: Line[]): void {
  for (let at = 0; at < lines.length; ) {
    if (lines[at]?.kind === 'context') {
      at++;
      continue;
    }
    const start = at;
    while (at < lines.length && lines[at]?.kind !== 'context') at++;
    const removed = lines.slice(start, at).filter(({ kind }) => kind === 'removed');
    const added = lines.slice(start, at).filter(({ kind }) => kind === 'added');
    for (const [index, line] of removed.entries()) {
      const other = added[index];
      if (!other) break;
      const words = compareWords(line.text, other.text);
      line.words = words.before;
      other.words = words.after;
    }
  }
}

/** Reads the hunks of one file's unified diff. */
export function readHunks(unified: string): Hunk[] {
  const hunks: Hunk[] = [];
  let hunk: Hunk | undefined;
  let [oldLine, newLine] = [0, 0];
  for (const text of unified.split('\n')) {
    const header = HUNK.exec(text);
    if (header) {
      [oldLine, newLine] = [Number(header[1]), Number(header[3])];
      const lines: Line[] = [];
      hunk = {
        oldStart: oldLine,
        oldLines: Number(header[2] ?? 1),
        newStart: newLine,
        newLines: Number(header[4] ?? 1),
        lines,
      };
      hunks.push(hunk);
      continue;
    }
    const mark = text.charAt(0);
    const content = text.slice(1);
    if (mark === ' ') hunk?.lines.push({ kind: 'context', oldLine: oldLine++, newLine: newLine++, text: content });
    if (mark === '-') hunk?.lines.push({ kind: 'removed', oldLine: oldLine++, newLine: null, text: content });
    if (mark === '+') hunk?.lines.push({ kind: 'added', oldLine: null, newLine: newLine++, text: content });
  }
  for (const { lines } of hunks) pairLines(lines);
  return hunks;
}
