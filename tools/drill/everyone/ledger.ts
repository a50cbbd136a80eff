/**
 * What somebody wanted of a line. Every line has a name of its own and says it first, then its version: `ana-i3` is
 * written `anai3 anai3v7`, so that each version is a word that nothing else has. Whoever is not the line's own writer
 * marks it with a tag, a word that nothing else has as well.
 */
export interface Edit {
  by: string;
  line: string;
  /** Where it was meant to be. */
  path: string;
  kind: 'version' | 'mark' | 'completion' | 'removal';
  /** The word that only this edit brings; empty for a removal and a completion. */
  word: string;
  version: number;
  begunAt: number;
  /** When it was surely done; infinite while nobody has said so. */
  doneAt: number;
}

/** A save of the editor: what it had read, and what it wrote over whatever was there by then. */
export interface Save {
  path: string;
  base: string;
  text: string;
  readAt: number;
  savedAt: number;
}

const LINE = /^- (?:\[.\] )?(\w+i\d+) \1v(\d+)\b/;

/** A line of a note that somebody of the drill wrote. */
export interface DrillLine {
  name: string;
  version: number;
  /** As it stands in the note. */
  raw: string;
}

const wordOf = (line: string, version: number): string => `${line}v${version}`;

/** What a line says as a title. */
export const titleOf = (line: string, version: number): string => `${line} ${wordOf(line, version)}`;

/** The lines of a note that somebody of the drill wrote. */
export function linesOf(text: string): DrillLine[] {
  return text.split('\n').flatMap((raw) => {
    const [, name, version] = LINE.exec(raw) ?? [];
    return name === undefined ? [] : [{ name, version: Number(version), raw }];
  });
}

/** Whether a text has a word, and not only one that begins with it. */
export function hasWord(text: string, word: string): boolean {
  return new RegExp(`\\b${word}\\b`).test(text);
}

/** What everybody did, and what became of it. */
export function createLedger(limit: number) {
  const edits: Edit[] = [];
  const saves: Save[] = [];
  const taskIds = new Map<string, string>();
  const versions = new Map<string, number>();
  const numbers = new Map<string, number>();
  let begun = 0;

  const count = (of: Map<string, number>, name: string) => {
    const next = (of.get(name) ?? 0) + 1;
    of.set(name, next);
    return next;
  };

  /** Draws the next version of a line. */
  function nextVersion(line: string) {
    const version = count(versions, line);
    return { line, kind: 'version' as const, version, word: wordOf(line, version), title: titleOf(line, version) };
  }

  /** Writes an edit down before it is made. */
  function begin({ by, line, path, kind, word, version }: Omit<Edit, 'begunAt' | 'doneAt'>): Edit {
    begun++;
    const begunAt = performance.now();
    const written = { by, line, path, kind, word, version, begunAt, doneAt: Number.POSITIVE_INFINITY };
    edits.push(written);
    return written;
  }

  return {
    edits,
    saves,
    /** The ids that were answered for the tasks that lines are. */
    taskIds,
    /** How many edits were begun. */
    begun: () => begun,
    goesOn: () => begun < limit,
    newLine: (by: string) => `${by}i${count(numbers, by)}`,
    nextVersion,
    newMark: (by: string) => `${by}m${count(numbers, `mark of ${by}`)}`,

    begin,

    /** Draws the next version of a line, and writes it down before it is made. */
    beginVersion(by: string, path: string, line: string): { edit: Edit; title: string } {
      const { title, ...version } = nextVersion(line);
      return { edit: begin({ ...version, by, path }), title };
    },

    done(edit: Edit): void {
      edit.doneAt = performance.now();
    },

    /** Forgets an edit that was surely not made. */
    drop(edit: Edit): void {
      edits.splice(edits.lastIndexOf(edit), 1);
    },
  };
}

export type Ledger = ReturnType<typeof createLedger>;
