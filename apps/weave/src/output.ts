import { styleText } from 'node:util';

/** Prints data as JSON, or as the lines that say it to a person. */
export function print(json: boolean, data: unknown, lines: () => readonly string[]): void {
  process.stdout.write(json ? `${JSON.stringify(data, null, 2)}\n` : `${lines().join('\n')}\n`);
}

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#39;': "'",
};

/** A search's snippet for a terminal: matches in bold. */
export function showSnippet(html: string): string {
  return html
    .replace(/<mark>(.*?)<\/mark>/g, (_, text: string) => styleText('bold', text))
    .replace(/&(amp|lt|gt|quot|#39);/g, (entity) => entities[entity] ?? entity);
}
