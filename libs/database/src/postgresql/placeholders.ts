/** What `?` may not be translated in: strings, quoted names, comments, dollar-quoted strings. */
const translated = /'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|\/\*[\s\S]*?\*\/|\$(\w*)\$[\s\S]*?\$\1\$|\?/g;

/** Writes `?` as `$1`, `$2`, … outside of strings, quoted names and comments. */
export function numberPlaceholders(text: string): string {
  let count = 0;
  return text.replace(translated, (match) => {
    if (match !== '?') return match;
    count += 1;
    return `$${count}`;
  });
}
