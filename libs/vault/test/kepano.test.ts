import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  allLinks,
  createLinkIndex,
  fileLinks,
  frontmatterLinks,
  isHiddenPath,
  isNote,
  noteTags,
  parseNote,
  planMove,
  readFrontmatter,
  rewriteLinks,
  segments,
} from '../src/index.ts';

const folder = join(import.meta.dirname, '../../../../shared/vaults/kepano');

describe.skipIf(!existsSync(folder))('the public vault "kepano"', () => {
  const files = existsSync(folder)
    ? readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
        .filter((path) => !isHiddenPath(path))
    : [];
  const notes = files.filter(isNote).map((path) => ({ path, text: readFileSync(join(folder, path), 'utf8') }));

  test('parses, is the concatenation of its segments, and keeps its links', () => {
    expect(notes.length).toBeGreaterThan(50);
    let links = 0;
    for (const { path, text } of notes) {
      const parsed = parseNote(text);
      const { data, warning } = readFrontmatter(parsed);
      expect(warning === null || path.startsWith('Templates/'), `${path}: ${warning}`).toBe(true);
      expect(
        segments(parsed, text)
          .map((segment) => segment.text)
          .join(''),
      ).toBe(text);
      expect(rewriteLinks(text, fileLinks(path, text), (link) => link.target)).toBe(text);
      for (const link of frontmatterLinks(parsed, text))
        expect(text.slice(link.start, link.end)).toMatch(/^!?\[\[.*\]\]$/);
      noteTags(parsed, data);
      links += allLinks(parsed, text).length;
    }
    expect(links).toBeGreaterThan(100);
  });

  test('moving every note and back restores every note but for links in another case than the name', () => {
    const moves = new Map(notes.map(({ path }) => [path, path.replace(/[^/]*$/, (name) => `moved ${name}`)]));
    const { changed: there } = planMove({ moves, index: createLinkIndex(files), files: notes });
    expect(there.size).toBeGreaterThan(10);
    const moved = notes.map(({ path, text }) => ({ path: moves.get(path) ?? path, text: there.get(path) ?? text }));
    const back = new Map([...moves].map(([from, to]) => [to, from]));
    const index = createLinkIndex(files.map((path) => moves.get(path) ?? path));
    const { changed: again } = planMove({ moves: back, index, files: moved });
    for (const { path, text } of moved) {
      const original = notes.find((note) => note.path === back.get(path));
      expect((again.get(path) ?? text).toLowerCase()).toBe(original?.text.toLowerCase());
    }
  });
});
