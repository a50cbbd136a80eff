import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type DrillLine, linesOf } from '../ledger.ts';

/** As the file service names the text of an editor that lost, and the git service that of the remote. */
const CONFLICT = / \((?:conflict \d{4}-\d\d-\d\d \d{6}|Conflicted copy .+ \d{12})(?: \d+)?\)\.md$/;

/** A note as it is in the end. */
export interface FinalNote {
  path: string;
  text: string;
  lines: DrillLine[];
  /** Whether it keeps what lost against another text. */
  isConflict: boolean;
}

/** Every note of the vault. */
export function readNotes(vault: string): FinalNote[] {
  return globSync('**/*.md', { cwd: vault })
    .sort()
    .map((path) => {
      const text = readFileSync(join(vault, path), 'utf8');
      return { path, text, lines: linesOf(text), isConflict: CONFLICT.test(path) };
    });
}
