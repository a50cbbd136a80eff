import type { IndexedNote } from './indexed-note.ts';

/** What of a note is looked through: title and aliases, headings, tags, and text. A phrase stands in one of them. */
export function searchedTexts({ title, aliases, headingText, tags, content }: IndexedNote) {
  return [[title, ...aliases].join(' '), headingText, tags.join(' '), content ?? ''] as const;
}
