import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  fileLinks,
  frontmatterLinks,
  linkKey,
  linkKeys,
  type ParsedNote,
  parseNote,
  readFrontmatter,
  rewriteLinks,
  segments,
} from '../src/index.ts';
import { markdown } from './markdown-arbitrary.ts';

const RUNS = { numRuns: 2000 };

function withoutOffsets(parsed: ParsedNote): unknown {
  return {
    headings: parsed.headings.map(({ level, text, line }) => ({ level, text, line })),
    links: parsed.links.map(({ kind, embed, target, subpath, alias, line, external }) => ({
      kind,
      embed,
      target,
      subpath,
      alias: alias?.replaceAll('\r\n', '\n'),
      line,
      external,
    })),
    tags: parsed.tags.map(({ tag, line }) => ({ tag, line })),
    blocks: parsed.blocks.map(({ id, line }) => ({ id, line })),
    tasks: parsed.tasks.map(({ line, indent, marker, status, text }) => ({ line, indent, marker, status, text })),
  };
}

describe('any text', () => {
  test('is the concatenation of its segments', () => {
    fc.assert(
      fc.property(markdown, (text) => {
        const cut = segments(parseNote(text), text);
        expect(cut.map((segment) => segment.text).join('')).toBe(text);
        let at = 0;
        for (const segment of cut) {
          expect(segment.start).toBe(at);
          expect(text.slice(segment.start, segment.end)).toBe(segment.text);
          at = segment.end;
        }
      }),
      RUNS,
    );
  });

  test('has offsets and lines that fit it', () => {
    fc.assert(
      fc.property(markdown, (text) => {
        const parsed = parseNote(text);
        const lineAt = (at: number): number => text.slice(0, at).split('\n').length;
        let last = 0;
        for (const link of parsed.links) {
          expect(link.start).toBeGreaterThanOrEqual(last);
          last = link.start;
          expect(link.line).toBe(lineAt(link.start));
          expect(link.targetStart).toBeGreaterThan(link.start);
          expect(link.targetEnd).toBeLessThan(link.end);
        }
        for (const item of [...parsed.headings, ...parsed.tags, ...parsed.blocks, ...parsed.tasks]) {
          expect(item.line).toBe(lineAt(item.start));
          expect(item.end).toBeGreaterThan(item.start);
        }
        for (const tag of parsed.tags) expect(text.slice(tag.start, tag.end)).toBe(`#${tag.tag}`);
        for (const task of parsed.tasks) expect(text.startsWith(task.text, task.textStart)).toBe(true);
        for (const block of parsed.blocks) {
          expect(text.slice(block.start, block.end)).toBe(`^${block.id}`);
          expect(block.blockStart).toBeLessThanOrEqual(block.blockEnd);
          expect(block.blockEnd).toBeLessThanOrEqual(block.start);
        }
      }),
      RUNS,
    );
  });

  test('has links that read the same on their own', () => {
    fc.assert(
      fc.property(markdown, (text) => {
        for (const link of parseNote(text).links) {
          const alone = text.slice(link.start, link.end);
          if (/[\n`$%<]/.test(alone) || alone.slice(2, -2).includes('[')) continue;
          const again = parseNote(alone).links[0];
          expect(again).toMatchObject({
            kind: link.kind,
            target: link.target,
            subpath: link.subpath,
            alias: link.alias,
          });
        }
      }),
      RUNS,
    );
  });

  test('has the same structure with \\r\\n', () => {
    fc.assert(
      fc.property(markdown, (raw) => {
        const text = raw.replaceAll('\r', '');
        expect(withoutOffsets(parseNote(text.replaceAll('\n', '\r\n')))).toEqual(withoutOffsets(parseNote(text)));
      }),
      RUNS,
    );
  });

  test('stays as it is when links keep their targets', () => {
    fc.assert(
      fc.property(markdown, (text) => {
        expect(rewriteLinks(text, fileLinks('a.md', text), (link) => link.target)).toBe(text);
      }),
      RUNS,
    );
  });

  test('has the keys of all its links', () => {
    const property = fc.constantFrom('', "---\nup: [\"[[A]]\", '[[It''s|x]]']\nx: [[plain]]\n---\n");
    fc.assert(
      fc.property(property, markdown, (before, body) => {
        const text = before + body;
        const parsed = parseNote(text);
        const links = [...parsed.links, ...frontmatterLinks(parsed, text)];
        const keys = links
          .filter(({ external, target }) => !external && target !== '')
          .map(({ target }) => linkKey(target));
        expect(linkKeys('a.md', text)).toEqual(expect.arrayContaining(keys));
      }),
      RUNS,
    );
  });

  test('has readable or refused frontmatter', () => {
    fc.assert(
      fc.property(markdown, (yaml) => {
        const text = `---\n${yaml}\n---\n`;
        const parsed = parseNote(text);
        const { data, warning } = readFrontmatter(parsed);
        expect(JSON.parse(JSON.stringify(data))).toEqual(data);
        if (warning !== null) {
          expect(data).toEqual({});
          expect(warning).toMatch(/line \d+.*\.$/s);
        }
        for (const link of frontmatterLinks(parsed, text))
          expect(text.slice(link.start, link.end)).toMatch(/^!?\[.*[\])]$/s);
      }),
      RUNS,
    );
  });
});

describe('hostile text takes linear time', () => {
  const size = 2_000_000;
  /** Each of these is read as far as the 33rd parenthesis after it, which takes long while coverage is counted. */
  const shorter: Record<string, number> = { 'unclosed destinations': 500_000 };
  const unit: Record<string, string> = {
    'unclosed wikilinks': '[[',
    'unclosed wikilinks with text': '[[a ',
    'closed brackets': '[[a]b ',
    'backtick pairs': '` a ',
    dollars: '$a ',
    'dollar runs': '$',
    'spaced dollars': '$ ',
    'math blocks': '$$ a\n\n',
    brackets: '[',
    'unclosed destinations': '[a](b',
    'unclosed angles': '[a](<b',
    'unclosed titles': '[a](b "',
    'mixed titles': '[a](b "[a](b \'',
    'nested parentheses': '[a](b (c ',
    'html comments': '<!-- ',
    'html comments in paragraphs': 'a <!-- b\n\n',
    'html tags': '<a ',
    'quoted html tags': '<a "<a \'',
    percents: '%',
    'comment marks in paragraphs': 'a %% b\n\n',
    quotes: '> ',
    lists: '- ',
    'list breaks': '- - - - x\n',
    'empty lines': '\n',
    hashes: '#a ',
    carets: ' ^a',
    'own-line ids': '^a\n\n',
    fences: '```\n',
    'nested links': '[![a](b)]',
    'wikilinks on one line': '[[Note]] ',
    frontmatter: '---\n----\n',
  };

  // Read in time that grows with the square of the length, each of these would outlast the test by far.
  test.each(Object.entries(unit))('%s', (name, piece) => {
    const text = piece.repeat(Math.ceil((shorter[name] ?? size) / piece.length));
    expect(() => parseNote(text)).not.toThrow();
    expect(() => linkKeys('a.md', text)).not.toThrow();
  });

  test('backtick runs of every length', () => {
    const text = Array.from({ length: 1500 }, (_, i) => '`'.repeat(1500 - i)).join(' ');
    expect(parseNote(text).links).toEqual([]);
  });

  test('deep lists followed by empty lines', () => {
    expect(parseNote(`${'- '.repeat(1000)}a\n${'\n'.repeat(500_000)}`).headings).toEqual([]);
  });

  test('100,000 links in one line are all found', () => {
    expect(parseNote('[[Note]] '.repeat(100_000)).links).toHaveLength(100_000);
  });
});
