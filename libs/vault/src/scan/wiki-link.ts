import { BACKSLASH, CLOSE_BRACKET, CR, HASH, LF, OPEN_BRACKET, PIPE, SPACE, TAB } from './characters.ts';
import type { Link, YamlStyle } from './types.ts';

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/**
 * Reads the wikilink whose `[[` stands at `open`.
 *
 * Takes the text, the offset of `[[`, the offset not to go beyond, whether a `!` stands before it, the line and how
 * the link is quoted when it is a property link; returns the link, or `null` when there is none there. Obsidian's
 * documentation ("Internal links"): `[[path#subpath|display text]]` on one line; in tables the separator is `\|`.
 */
export function readWikiLink(
  text: string,
  open: number,
  limit: number,
  embed: boolean,
  line: number,
  yaml: YamlStyle | null,
): Link | null {
  const from = open + 2;
  let pipe = -1;
  let hash = -1;
  let close = -1;
  for (let at = from; at < limit; at++) {
    const code = text.charCodeAt(at);
    if (code === CLOSE_BRACKET) {
      if (at + 1 < limit && text.charCodeAt(at + 1) === CLOSE_BRACKET) {
        close = at;
        break;
      }
    } else if (code === OPEN_BRACKET) {
      if (at === from || text.charCodeAt(at + 1) === OPEN_BRACKET) return null;
    } else if (code === PIPE) {
      if (pipe < 0) pipe = at;
    } else if (code === HASH) {
      if (hash < 0 && pipe < 0) hash = at;
    } else if (code === LF || code === CR) {
      return null;
    }
  }
  if (close < 0) return null;
  let targetStart = from;
  let targetEnd = close;
  if (pipe >= 0) targetEnd = pipe > from && text.charCodeAt(pipe - 1) === BACKSLASH ? pipe - 1 : pipe;
  while (targetStart < targetEnd && isBlank(text.charCodeAt(targetStart))) targetStart++;
  while (targetEnd > targetStart && isBlank(text.charCodeAt(targetEnd - 1))) targetEnd--;
  if (targetStart === targetEnd) return null;
  let target: string;
  let subpath: string;
  if (hash >= 0 && hash < targetEnd) {
    let pathEnd = hash;
    while (pathEnd > targetStart && isBlank(text.charCodeAt(pathEnd - 1))) pathEnd--;
    target = text.slice(targetStart, pathEnd);
    subpath = text.slice(hash, targetEnd);
  } else {
    target = text.slice(targetStart, targetEnd);
    subpath = '';
  }
  return {
    kind: 'wiki',
    embed,
    target,
    subpath,
    alias: pipe >= 0 ? text.slice(pipe + 1, close).trim() : null,
    start: embed ? open - 1 : open,
    end: close + 2,
    targetStart,
    targetEnd,
    line,
    external: false,
    yaml,
  };
}
