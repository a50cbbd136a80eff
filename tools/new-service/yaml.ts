import { isCollection, isPair, isScalar, type Node, parseDocument } from 'yaml';

/** Where an item of a collection stands in the text: whole lines, and the blank ones before it. */
interface Lines {
  start: number;
  end: number;
}

function linesOf(text: string, from: number, to: number): Lines {
  const end = text.indexOf('\n', Math.max(from, to - 1));
  let start = text.lastIndexOf('\n', from) + 1;
  while (start >= 2 && text.startsWith('\n\n', start - 2)) start--;
  return { start, end: end < 0 ? text.length : end + 1 };
}

/**
 * The items of a block collection, by their keys or, of a list, by their texts.
 *
 * @param path the keys that lead to it
 * @throws Error when there is no such collection
 */
function itemsOf(text: string, path: readonly string[]): Map<string, Lines> {
  const collection = parseDocument(text).getIn(path, true);
  if (!isCollection(collection)) throw new Error(`there is no list or map at ${path.join('.')}`);
  return new Map(
    collection.items.map((item) => {
      const first = (isPair(item) ? item.key : item) as Node;
      const last = ((isPair(item) ? item.value : item) ?? first) as Node;
      const [from = 0] = first.range ?? [];
      const [, to = 0] = last.range ?? [];
      const name = isScalar(first) ? String(first.value) : text.slice(from, to);
      return [name, linesOf(text, from, to)];
    }),
  );
}

/** Adds an item, as lines of text, to the end of a block collection. All else stays as it is written. */
export function addItem(text: string, path: readonly string[], item: string): string {
  const end = [...itemsOf(text, path).values()].at(-1)?.end ?? text.length;
  return text.slice(0, end) + item + text.slice(end);
}

/** @throws Error when the item is not there */
export function removeItem(text: string, path: readonly string[], name: string): string {
  const lines = itemsOf(text, path).get(name);
  if (!lines) throw new Error(`there is no ${name} at ${path.join('.')}`);
  return text.slice(0, lines.start) + text.slice(lines.end);
}
