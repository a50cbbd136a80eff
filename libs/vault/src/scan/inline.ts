import {
  BACKSLASH,
  BACKTICK,
  BANG,
  CARET,
  CLOSE_BRACKET,
  DOLLAR,
  GREATER,
  HASH,
  isAsciiPunctuation,
  isWhitespace,
  LESS,
  LF,
  OPEN_BRACKET,
  OPEN_PAREN,
  PERCENT,
  SPACE,
  TAB,
} from './characters.ts';
import { readBlockId } from './inline-block-id.ts';
import { closingBackticks, closingDollar } from './inline-spans.ts';
import type { InlineState } from './inline-state.ts';
import { decodeDestination, isExternal, readDestination, subpathStart } from './markdown-link.ts';
import { afterNext, rawHtmlEnd } from './raw-html.ts';
import { tagEnd } from './tag-characters.ts';
import { readWikiLink } from './wiki-link.ts';

const SPECIAL = new Uint8Array(128);
for (const character of '\n\\`$%<#[]^') SPECIAL[character.charCodeAt(0)] = 1;

function countLines(text: string, from: number, to: number): number {
  // Not indexOf, which would look for a line break beyond `to`, again and again.
  let lines = 0;
  for (let at = from; at < to; at++) if (text.charCodeAt(at) === LF) lines++;
  return lines;
}

/**
 * Scans one leaf block's inline text.
 *
 * Takes the state, the range of the leaf (which may hold several lines, container prefixes included), the line it
 * starts on and whether a comment or math block that starts a line may run past the leaf. Adds links, tags and block
 * ids to the state and returns the offset at which it stopped: `end`, or beyond it when such a construct ran on.
 */
export function scanInline(
  state: InlineState,
  from: number,
  end: number,
  firstLine: number,
  mayRunOn: boolean,
): number {
  const { text, links } = state;
  let line = firstLine;
  let at = from;
  let fresh = from;
  let escaped = -1;
  let noComment = -1;
  // Open brackets: offset, line, and whether it starts an image; below `inactive` only images may still become links.
  let openers: number[] | null = null;
  let inactive = 0;
  state.backticksScannedTo = -1;

  while (at < end) {
    const code = text.charCodeAt(at);
    if (code > 127 || SPECIAL[code] === 0) {
      at++;
      continue;
    }
    switch (code) {
      case LF: {
        line++;
        at++;
        while (at < end) {
          const prefix = text.charCodeAt(at);
          if (prefix !== SPACE && prefix !== TAB && prefix !== GREATER) break;
          at++;
        }
        fresh = at;
        break;
      }
      case BACKSLASH: {
        if (at + 1 < end && isAsciiPunctuation(text.charCodeAt(at + 1))) {
          escaped = at + 1;
          at += 2;
        } else {
          at++;
        }
        break;
      }
      case BACKTICK: {
        let run = at + 1;
        while (run < end && text.charCodeAt(run) === BACKTICK) run++;
        const close = closingBackticks(state, run, end, run - at);
        if (close < 0) {
          at = run;
        } else {
          line += countLines(text, run, close);
          at = close;
        }
        break;
      }
      case DOLLAR: {
        if (text.charCodeAt(at + 1) === DOLLAR && at + 1 < end) {
          const close = text.indexOf('$$', at + 2);
          if (close >= 0 && (close + 2 <= end || (mayRunOn && at === fresh))) {
            line += countLines(text, at, close);
            at = close + 2;
          } else {
            at += 2;
          }
        } else {
          const close = closingDollar(state, at + 1, end);
          at = close < 0 ? at + 1 : close;
        }
        break;
      }
      case PERCENT: {
        if (text.charCodeAt(at + 1) !== PERCENT || at + 1 >= end) {
          at++;
          break;
        }
        const runsOn = mayRunOn && at === fresh;
        const close = !runsOn && noComment >= 0 ? -1 : text.indexOf('%%', at + 2);
        if (close >= 0 && (runsOn || close + 2 <= end)) {
          line += countLines(text, at, close);
          at = close + 2;
        } else if (runsOn) {
          // Obsidian hides everything after a `%%` line that is never closed.
          line += countLines(text, at, text.length);
          at = text.length;
        } else {
          noComment = at;
          at += 2;
        }
        break;
      }
      case LESS: {
        if (text.startsWith('!--', at + 1) && at + 4 <= end) {
          const close = afterNext(state, '-->', at + 2);
          const runsOn = mayRunOn && at === fresh;
          if (close <= end || runsOn) {
            const stop = Math.min(close, text.length);
            line += countLines(text, at, stop);
            at = stop;
          } else {
            at += 4;
          }
          break;
        }
        const close = rawHtmlEnd(state, at, end);
        if (close < 0) {
          at++;
        } else {
          line += countLines(text, at, close);
          at = close;
        }
        break;
      }
      case HASH: {
        if (at === fresh || isWhitespace(text.charCodeAt(at - 1))) {
          const stop = tagEnd(text, at + 1, end);
          if (stop > 0) {
            state.tags.push({ tag: text.slice(at + 1, stop), start: at, end: stop, line });
            at = stop;
            break;
          }
        }
        at++;
        break;
      }
      case OPEN_BRACKET: {
        const embed = at > from && text.charCodeAt(at - 1) === BANG && escaped !== at - 1;
        if (text.charCodeAt(at + 1) === OPEN_BRACKET && at + 1 < end) {
          const link = readWikiLink(text, at, end, embed, line, null);
          if (link !== null) {
            links.push(link);
            at = link.end;
            if (!embed && openers !== null) inactive = openers.length;
            break;
          }
        }
        if (openers === null) openers = [];
        openers.push(at, line, embed ? 1 : 0);
        at++;
        break;
      }
      case CLOSE_BRACKET: {
        at++;
        if (openers === null || openers.length === 0) break;
        const embed = openers.pop() === 1;
        const openLine = openers.pop() ?? line;
        const open = openers.pop() ?? at;
        const active = embed || openers.length >= inactive;
        if (inactive > openers.length) inactive = openers.length;
        if (!active || at >= end || text.charCodeAt(at) !== OPEN_PAREN) break;
        const found = readDestination(text, at + 1, end);
        if (found === null) break;
        const { targetStart, targetEnd } = found;
        // A destination that is empty points nowhere.
        if (targetStart === targetEnd) break;
        const external = isExternal(text, targetStart, targetEnd);
        const hash = external ? targetEnd : subpathStart(text, targetStart, targetEnd);
        const start = embed ? open - 1 : open;
        const before = links.length === 0 ? undefined : links[links.length - 1];
        if (before !== undefined && before.start > start) state.unordered = true;
        const target = text.slice(targetStart, hash);
        links.push({
          kind: 'markdown',
          embed,
          target: external ? target : decodeDestination(target),
          subpath: hash === targetEnd ? '' : decodeDestination(text.slice(hash, targetEnd)),
          alias: text.slice(open + 1, at - 1),
          start,
          end: found.end,
          targetStart,
          targetEnd,
          line: openLine,
          external,
          yaml: null,
        });
        line += countLines(text, at, found.end);
        at = found.end;
        if (!embed) inactive = openers.length;
        break;
      }
      default: {
        if (code === CARET && (at === fresh || isWhitespace(text.charCodeAt(at - 1)))) {
          at = readBlockId(state, at, from, end, line);
        } else {
          at++;
        }
      }
    }
  }
  state.line = line;
  return at;
}
