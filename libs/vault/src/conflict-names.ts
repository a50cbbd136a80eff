import { baseName, folderOf } from './paths.ts';

const CONFLICT = / \((?:conflict \d{4}-\d\d-\d\d \d{6}|Conflicted copy .+ \d{12})(?: \d+)?\)(?:\.[^./]*)?$/;

/** A path with a mark before its ending, as in `Folder/Note (mark).md`. */
function marked(path: string, mark: string): string {
  const name = baseName(path);
  const dot = name.lastIndexOf('.');
  const stem = dot > 0 ? name.slice(0, dot) : name;
  const ending = dot > 0 ? name.slice(dot) : '';
  const folder = folderOf(path);
  return `${folder === '' ? '' : `${folder}/`}${stem} (${mark})${ending}`;
}

const numbered = (attempt: number) => (attempt === 0 ? '' : ` ${attempt + 1}`);

/**
 * Where the text is kept that another program saved in the moment of a write: `Note (conflict 2026-11-24 123000).md`.
 *
 * @param attempt 0 for the first name that is tried, 1 for the next
 */
export function editConflictName(path: string, moment: Date, attempt: number): string {
  const stamp = moment.toISOString().slice(0, 19).replace('T', ' ').replaceAll(':', '');
  return marked(path, `conflict ${stamp}${numbered(attempt)}`);
}

/**
 * Where the other text of a synchronisation is kept, as Obsidian Sync names it:
 * `Note (Conflicted copy laptop 202611241230).md`, with the time in UTC.
 *
 * @param from whose text it is
 * @param attempt 0 for the first name that is tried, 1 for the next
 */
export function syncConflictName(path: string, from: string, moment: Date, attempt: number): string {
  const device = from.replaceAll(/[/\\:*?"<>|#^[\]]+/g, '-');
  const stamp = moment.toISOString().replaceAll(/[-:T]/g, '').slice(0, 12);
  return marked(path, `Conflicted copy ${device} ${stamp}${numbered(attempt)}`);
}

/** Whether a file keeps a text that lost against another, by its name. */
export function isConflictName(path: string): boolean {
  return CONFLICT.test(path);
}
