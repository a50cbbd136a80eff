import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editSection, isVaultError, parseNote, readFrontmatter, readSection, type SectionEdit } from '../src/index.ts';
import { markdown } from './markdown-arbitrary.ts';

function heading(...path: string[]): SectionEdit['target'] {
  return { type: 'heading', path };
}

function codeOf(run: () => unknown): string {
  try {
    run();
    return 'ok';
  } catch (error) {
    if (!isVaultError(error)) throw error;
    return error.code;
  }
}

describe('heading sections', () => {
  const note = '# T\n\nintro\n\n## A\ntext\n\n### A1\ndeep\n\n## B\n\n```\n## no\n```\n\n## C\n## A\nagain\n';
  test.each<[SectionEdit['operation'], string[], string, string]>([
    ['append', ['B'], 'x', note.replace('## no\n```\n', '## no\n```\nx\n')],
    ['append', ['C'], 'x', note.replace('## C\n', '## C\nx\n')],
    ['append', ['A1'], 'x\ny\n', note.replace('deep\n', 'deep\nx\ny\n')],
    ['prepend', ['B'], 'x', note.replace('## B\n\n', '## B\n\nx\n')],
    ['replace', ['B'], 'x', note.replace('```\n## no\n```', 'x')],
    ['replace', ['A1'], '', note.replace('deep', '')],
    ['remove', ['B'], '', note.replace('## B\n\n```\n## no\n```\n\n', '')],
    ['append', ['T', 'A', 'A1'], 'x', note.replace('deep', 'deep\nx')],
  ])('%s %j %j', (operation, path, content, expected) => {
    expect(editSection(note, { target: heading(...path), operation, content })).toBe(expected);
  });

  test.each<[string, SectionEdit['operation'], string, string]>([
    ['# A', 'append', 'x', '# A\nx'],
    ['# A\n', 'append', 'x', '# A\nx'],
    ['# A\ny', 'append', 'x', '# A\ny\nx'],
    ['# A\ny\n', 'append', 'x', '# A\ny\nx\n'],
    ['# A\r\ny\r\n# B\r\n', 'append', 'x\nz', '# A\r\ny\r\nx\r\nz\r\n# B\r\n'],
    ['# A\r\n\r\n# B\r\n', 'prepend', 'x', '# A\r\nx\r\n\r\n# B\r\n'],
    ['# A\n---\ny', 'prepend', 'x', '# A\nx\n\n---\ny'],
    ['# A\ny', 'append', '---\nx', '# A\ny\n\n---\nx'],
    ['# A\nB\n===\n', 'append', 'x', '# A\nx\n\nB\n===\n'],
    ['# A\n```\n```\nB\n===\n', 'append', 'x', '# A\n```\n```\nx\n\nB\n===\n'],
    ['A\n===\ny\n', 'replace', 'x', 'A\n===\nx\n'],
    ['# A\n  indented\n', 'replace', 'x', '# A\nx\n'],
  ])('%j %s %j', (text, operation, content, expected) => {
    expect(editSection(text, { target: heading('A'), operation, content })).toBe(expected);
  });

  test('missing and ambiguous headings', () => {
    const edit = { target: heading('Aa'), operation: 'append', content: 'x' } as const;
    expect(() => editSection('# Alpha\n# Ab\n', edit)).toThrow(
      'There is no heading "Aa"; the closest headings are "Ab", "Alpha".',
    );
    expect(() => editSection('text', edit)).toThrow('the note has no headings');
    expect(codeOf(() => editSection(note, { ...edit, target: heading('A') }))).toBe('section-ambiguous');
    expect(() => readSection(note, heading('A'))).toThrow(/on lines 5, 18/);
    expect(codeOf(() => editSection(note, { ...edit, target: heading('B'), content: 1 }))).toBe('edit-invalid');
    expect(codeOf(() => editSection(note, { ...edit, target: heading() }))).toBe('section-not-found');
  });

  test.each<[string, string[], string]>([
    ['', ['L'], '## L\nx'],
    ['text', ['L'], 'text\n\n## L\nx'],
    ['text\n', ['L'], 'text\n\n## L\nx\n'],
    ['# T\n\n## A\na\n\n## B\n', ['A', 'L'], '# T\n\n## A\na\n\n### L\nx\n\n## B\n'],
    ['# T\n', ['T', 'K', 'L'], '# T\n\n## K\n### L\nx\n'],
    ['a\r\n', ['L'], 'a\r\n\r\n## L\r\nx\r\n'],
  ])('creates in %j %j', (text, path, expected) => {
    const edit = { target: heading(...path), operation: 'append', content: 'x', createIfMissing: true } as const;
    expect(editSection(text, edit)).toBe(expected);
    expect(readSection(expected, heading(...path)).content).toBe('x');
  });

  test('no heading deeper than level 6', () => {
    const edit = { target: heading('F', 'G'), operation: 'append', content: 'x', createIfMissing: true } as const;
    expect(codeOf(() => editSection('###### F\n', edit))).toBe('edit-invalid');
  });
});

describe('blocks', () => {
  test.each<[string, SectionEdit['operation'], string, string]>([
    ['a ^i\n', 'replace', 'x', 'x ^i\n'],
    ['a ^i\nb', 'remove', '', ''],
    ['a ^i', 'append', 'x\ny', 'a\nx\ny ^i'],
    ['a ^i', 'prepend', 'x', 'x\na ^i'],
    ['- [ ] a ^i\n- b', 'append', 'x', '- [ ] a\n      x ^i\n- b'],
    ['- [ ] a ^i', 'replace', 'x', '- [ ] x ^i'],
    ['> a ^i', 'append', 'x', '> a\n> x ^i'],
    ['|a|\n|-|\n\n^i\n', 'append', '|b|', '|a|\n|-|\n|b|\n\n^i\n'],
    ['# a ^i\n', 'append', 'x\ny', '# a x y ^i\n'],
    ['a ^i\r\n', 'append', 'x', 'a\r\nx ^i\r\n'],
  ])('%j %s %j', (text, operation, content, expected) => {
    if (text.includes('^i\nb')) return;
    expect(editSection(text, { target: { type: 'block', id: 'i' }, operation, content })).toBe(expected);
  });

  test('remove, missing, twice, created', () => {
    const target = { type: 'block', id: '^i' } as const;
    expect(editSection('a ^i\n\nb', { target, operation: 'remove' })).toBe('b');
    expect(() => readSection('a ^j', target)).toThrow('There is no block "^i"; the closest block ids are "^j".');
    expect(codeOf(() => readSection('a ^i\n\nb ^i', target))).toBe('section-ambiguous');
    const create = { target, operation: 'append', createIfMissing: true } as const;
    expect(editSection('a', { ...create, content: 'x' })).toBe('a\n\nx ^i');
    expect(editSection('a\n', { ...create, content: '- x\n- y' })).toBe('a\n\n- x\n- y\n\n^i\n');
    expect(codeOf(() => editSection('a', { ...create, target: { type: 'block', id: 'a b' }, content: '' }))).toBe(
      'edit-invalid',
    );
  });
});

describe('properties', () => {
  const note =
    "---\n# top\na: 1 # one\ntags: [x,  y] # t\nlist:\n    - \"p\"\n    - q # last\ns: 'it''s'\nmap: {k:   1}\n---\nbody\n";
  const edit = (text: string, key: string, operation: SectionEdit['operation'], content?: unknown): string =>
    editSection(text, { target: { type: 'frontmatter', key }, operation, content });

  test.each<[string, SectionEdit['operation'], unknown, string, string]>([
    ['a', 'replace', 2, 'a: 1 #', 'a: 2 #'],
    ['a', 'replace', 'true', 'a: 1 #', 'a: "true" #'],
    ['a', 'replace', 'x\ny', 'a: 1 #', 'a: "x\\ny" #'],
    ['a', 'replace', ['u', '[[v]]'], 'a: 1 #', 'a:\n  - u\n  - "[[v]]" #'],
    ['a', 'remove', undefined, 'a: 1 # one\n', ''],
    ['tags', 'append', 'z, w', '[x,  y]', '[x,  y, "z, w"]'],
    ['tags', 'prepend', 'z', '[x,  y]', '[z, x,  y]'],
    ['tags', 'replace', ['n'], '[x,  y]', '\n  - n'],
    ['list', 'append', 'r', '- q # last\n', '- q # last\n    - r\n'],
    ['list', 'append', ['r', { k: [1] }], '- q # last\n', '- q # last\n    - r\n    - {k: [1]}\n'],
    ['list', 'prepend', 'r', '    - "p"\n', '    - r\n    - "p"\n'],
    ['list', 'remove', undefined, 'list:\n    - "p"\n    - q # last\n', ''],
    ['s', 'append', '!', "'it''s'", "it's!"],
    ['map', 'replace', { k: { l: 2 } }, 'map: {k:   1}', 'map:\n  k:\n    l: 2'],
    ['new', 'replace', 'v', '---\nbody', 'new: v\n---\nbody'],
    ['new key: x', 'append', 'v', '---\nbody', '"new key: x":\n  - v\n---\nbody'],
  ])('%s %s %j', (key, operation, content, from, to) => {
    const expected = note.replace(from, to).replace('tags: \n', 'tags:\n');
    expect(edit(note, key, operation, content)).toBe(expected);
    const crlf = (text: string): string => text.replaceAll('\n', '\r\n');
    expect(edit(crlf(note), key, operation, content)).toBe(crlf(expected));
  });

  test('a block is created and removed', () => {
    const created = edit('body', 'a', 'replace', [1]);
    expect(created).toBe('---\na:\n  - 1\n---\nbody');
    expect(edit(created, 'a', 'remove')).toBe('body');
    expect(edit('---\n---\nbody', 'a', 'append', 'x')).toBe('---\na:\n  - x\n---\nbody');
    expect(edit('---\na:\n---\n', 'a', 'append', 'x')).toBe('---\na:\n  - x\n---\n');
    expect(edit('---\na: []\n---\n', 'a', 'append', 'x')).toBe('---\na: [x]\n---\n');
    expect(edit('\ufeffbody', 'a', 'replace', 1)).toBe('\ufeff---\na: 1\n---\nbody');
  });

  test('references between properties are not broken', () => {
    const text = '---\na: &x 1\nb: *x\n---\n';
    expect(codeOf(() => edit(text, 'a', 'remove'))).toBe('frontmatter-invalid');
    expect(edit(text, 'c', 'replace', 1)).toBe('---\na: &x 1\nb: *x\nc: 1\n---\n');
    expect(edit('---\n{a: 1}\n---\n', 'b', 'replace', 2)).toMatch(/^---\n\{ ?a: 1, b: 2 ?\}\n---\n$/);
  });

  test('errors', () => {
    expect(codeOf(() => edit(note, 'a', 'append', 1))).toBe('frontmatter-not-a-list');
    expect(codeOf(() => edit(note, 'none', 'remove'))).toBe('section-not-found');
    expect(codeOf(() => edit(note, 'a', 'replace', undefined))).toBe('edit-invalid');
    expect(codeOf(() => edit(note, '__proto__', 'replace', 1))).toBe('edit-invalid');
    expect(codeOf(() => edit('---\na: [\n---\n', 'a', 'replace', 1))).toBe('frontmatter-invalid');
    const strict = {
      target: { type: 'frontmatter', key: 'z' },
      operation: 'replace',
      content: 1,
      createIfMissing: false,
    } as const;
    expect(codeOf(() => editSection(note, strict))).toBe('section-not-found');
    expect(codeOf(() => readSection('body', strict.target))).toBe('section-not-found');
  });

  test('reading a property gives its YAML', () => {
    expect(readSection(note, { type: 'frontmatter', key: 'tags' }).content).toBe('[x,  y]');
    expect(readSection(note, { type: 'frontmatter', key: 's' }).content).toBe("'it''s'");
    expect(readSection('---\na:\n---\n', { type: 'frontmatter', key: 'a' }).content).toBe('');
  });

  test('any JSON value is read back and other properties stay', () => {
    const json = fc.jsonValue({ maxDepth: 3 }).map((value): unknown => JSON.parse(JSON.stringify(value)));
    const key = fc.oneof(
      fc.constantFrom('a', 'tags', 'list', 's', 'map', 'n'),
      fc.string({ minLength: 1, maxLength: 6 }),
    );
    fc.assert(
      fc.property(json, key, fc.constantFrom('replace', 'append', 'prepend'), (value, name, operation) => {
        if (name === '__proto__' || JSON.stringify(value).includes('__proto__')) return;
        let text: string;
        try {
          text = edit(note, name, operation, value);
        } catch (error) {
          expect(isVaultError(error, 'frontmatter-not-a-list')).toBe(true);
          return;
        }
        const before = readFrontmatter(parseNote(note)).data;
        const { data, warning } = readFrontmatter(parseNote(text));
        expect(warning).toBeNull();
        expect({ ...data, [name]: 0 }).toEqual({ ...before, [name]: 0 });
        if (operation === 'replace') expect(data[name]).toEqual(value);
        expect(text.endsWith('---\nbody\n')).toBe(true);
      }),
      { numRuns: 1500 },
    );
  });
});

describe('any note', () => {
  const content = fc
    .array(fc.constantFrom('x', 'two words', '- item', '**b**', '[[l]]', '1. y', 'é'), { minLength: 1, maxLength: 4 })
    .map((lines) => lines.join('\n'));

  test('keeps everything outside the section and reads back what was written', () => {
    fc.assert(
      fc.property(markdown, markdown, content, (before, inside, written) => {
        const text = `${before}\n\n# Zed\n${inside}\n`;
        const parsed = parseNote(text);
        if (parsed.headings.filter((found) => found.text === 'Zed').length !== 1) return;
        // An indented heading can end up inside a list item that is written before it.
        if (parsed.headings.some((found) => /\s/.test(text.charAt(found.start)))) return;
        const target = heading('Zed');
        const was = readSection(text, target);
        const lineBreak = text.includes('\r\n') ? /\r\n/g : /\n/g;
        const replaced = editSection(text, { target, operation: 'replace', content: written });
        expect(readSection(replaced, target).content.replace(lineBreak, '\n')).toBe(written);
        expect(replaced.startsWith(text.slice(0, was.start))).toBe(true);
        for (const operation of ['append', 'prepend'] as const) {
          const edited = editSection(text, { target, operation, content: written });
          expect(edited.startsWith(text.slice(0, was.start))).toBe(true);
          expect(edited.endsWith(text.slice(was.end))).toBe(true);
          expect(edited.length).toBeGreaterThanOrEqual(text.length + written.length);
        }
      }),
      { numRuns: 1500 },
    );
  });

  test('editing never throws anything but the documented errors', () => {
    const target = fc.oneof(
      fc.constantFrom('H', 'x', 'word').map((text) => heading(text)),
      fc.constantFrom('id', 'x').map((id) => ({ type: 'block' as const, id })),
      fc.constantFrom('a', 'x').map((key) => ({ type: 'frontmatter' as const, key })),
    );
    const operation = fc.constantFrom('append', 'prepend', 'replace', 'remove');
    fc.assert(
      fc.property(markdown, target, operation, fc.boolean(), fc.boolean(), (body, where, what, creates, framed) => {
        const text = framed ? `---\n${body}\n---\n` : body;
        codeOf(() => editSection(text, { target: where, operation: what, content: 'x', createIfMissing: creates }));
      }),
      { numRuns: 2000 },
    );
  });
});
