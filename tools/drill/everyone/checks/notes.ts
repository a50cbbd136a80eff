import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isConflictName } from '@weave-nn/vault';
import { type DrillLine, linesOf } from '../ledger.ts';

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
      return { path, text, lines: linesOf(text), isConflict: isConflictName(path) };
    });
}
