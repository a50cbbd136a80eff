import { canvasLinks } from '../canvas/canvas-links.ts';
import { extension, isNote } from '../paths/paths.ts';
import { parseNote } from '../scan/parse.ts';
import type { Link } from '../scan/types.ts';
import { baseLinks } from './base-links.ts';
import { linkKey, noteLinkKeys } from './link-key.ts';
import { allLinks } from './note-links.ts';

/** Whether files of this name can have links: notes, canvases and bases. Never throws. */
export function canHaveLinks(path: string): boolean {
  return isNote(path) || ['canvas', 'base'].includes(extension(path));
}

/**
 * The links of a file: those of a note, a canvas or a base, in the order of their lines.
 *
 * Takes the file's vault path, which tells its format, and its text; other files have none. Never throws.
 */
export function fileLinks(path: string, text: string): Link[] {
  if (isNote(path)) return allLinks(parseNote(text), text);
  const format = extension(path);
  if (format === 'canvas') return canvasLinks(text);
  return format === 'base' ? baseLinks(text) : [];
}

/**
 * Keys of a file's links to other files, to find the files that a move may concern.
 *
 * Takes the file's vault path and text; returns the unique `linkKey`s of all that is written like a link, in properties
 * too. What only looks like one, as in a note's code, is among them: telling it apart takes five times as long, and
 * costs whoever moves a file no more than a look. Never throws.
 */
export function linkKeys(path: string, text: string): string[] {
  if (isNote(path)) return noteLinkKeys(text);
  const internal = fileLinks(path, text).filter(({ external, target }) => !external && target !== '');
  return [...new Set(internal.map(({ target }) => linkKey(target)))];
}
