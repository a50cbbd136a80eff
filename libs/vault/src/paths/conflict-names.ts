import { baseName, folderOf } from './paths.ts';

/** Copies that were named after a device, as Obsidian Sync does, count as well. */
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
 * Where a text is kept that lost against another one, whether an editor saved it in the moment of a write or a
 * synchronisation brought it: `Note (conflict 2026-11-24 123000).md`.
 *
 * @param attempt 0 for the first name that is tried, 1 for the next
 */
export function conflictName(path: string, moment: Date, attempt: number): string {
  const stamp = moment.toISOString().slice(0, 19).replace('T', ' ').replaceAll(':', '');
  return marked(path, `conflict ${stamp}${numbered(attempt)}`);
}

/** Whether a file keeps a text that lost against another, by its name. */
export function isConflictName(path: string): boolean {
  return CONFLICT.test(path);
}
