/** A piece of a query as it was typed. */
export type Piece =
  | { kind: 'or' | 'not' | 'open' | 'close' }
  | { kind: 'field'; name: string }
  | { kind: 'text'; value: string; star: boolean }
  | { kind: 'unsupported'; value: string };

/** Every operator of Obsidian's search; other words before a colon are words. */
const FIELD = /(tag|path|file|content|line|block|section|task|task-todo|task-done|match-case|ignore-case):/iy;
const SPACE = /\s+/y;
const OR = /OR(?=[\s()]|$)/y;
const NOT = /-+(?=[^\s-])/y;
const PHRASE = /"((?:[^"\\]|\\"|\\)*)("\*?)?/y;
const PROPERTY = /\[[^[\]\n]+\]/y;
const EXPRESSION = /\/(?:[^/\\\n]|\\.)+\/(?=[\s)]|$)/y;

/** Where a word ends: at a space, or at a parenthesis that closes one from before the word. */
function endOfWord(text: string, start: number, isInside: boolean): number {
  let nested = 0;
  for (let at = start; at < text.length; at++) {
    const character = text[at] ?? '';
    if (/\s/.test(character)) return at;
    if (character === '(') nested++;
    if (character === ')' && isInside && nested === 0) return at;
    if (character === ')') nested--;
  }
  return text.length;
}

/** Cuts a query into its pieces, in their order. */
export function piecesOf(text: string): Piece[] {
  const pieces: Piece[] = [];
  let at = 0;
  let depth = 0;

  function take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) at += found[0].length;
    return found;
  }

  function next(): Piece | null {
    if (take(SPACE)) return null;
    if (text[at] === '(' || (text[at] === ')' && depth > 0)) {
      const isOpen = text[at++] === '(';
      depth += isOpen ? 1 : -1;
      return { kind: isOpen ? 'open' : 'close' };
    }
    if (take(OR)) return { kind: 'or' };
    if (take(NOT)) return { kind: 'not' };
    const field = take(FIELD);
    if (field) return { kind: 'field', name: field[1]?.toLowerCase() ?? '' };
    const phrase = take(PHRASE);
    if (phrase) {
      const value = (phrase[1] ?? '').replaceAll('\\"', '"');
      return { kind: 'text', value, star: value.endsWith('*') || phrase[2] === '"*' };
    }
    const other = take(PROPERTY) ?? take(EXPRESSION);
    if (other) return { kind: 'unsupported', value: other[0] };
    const end = endOfWord(text, at, depth > 0);
    const value = text.slice(at, end);
    at = end;
    return { kind: 'text', value, star: value.endsWith('*') };
  }

  while (at < text.length) {
    const piece = next();
    if (piece) pieces.push(piece);
  }
  return pieces;
}
