import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  createLinkIndex,
  linkKey,
  linkKeys,
  namesAnyFile,
  namesWholePath,
  parseNote,
  resolveLink,
  resolveSubpath,
} from '../src/index.ts';

const FILES = [
  'Note.md',
  'a/Note.md',
  'a/b/Note.md',
  'a/Deep.md',
  'b/Deep.md',
  'long/er/Deep.md',
  'img/pic.png',
  'a/pic.png',
  'v1.2.md',
  'x/Only.md',
  'x/y/Path.md',
  'z/y/Path.md',
  'doc.pdf',
  'x/pic.png.md',
  'Ünï.md',
  'x/CASE.md',
  'y/case.md',
  'bare',
  'w/bare.md',
  'x/archive.tar.gz',
];

describe('resolveLink', () => {
  const index = createLinkIndex(FILES);
  test.each<[string, string, string | null]>([
    ['', 'a/Note.md', 'a/Note.md'],
    ['Note', 'b/x.md', 'Note.md'],
    ['Note', 'a/x.md', 'Note.md'],
    ['note', 'a/x.md', 'Note.md'],
    ['Note.md', 'b/x.md', 'Note.md'],
    ['a/Note', 'b/x.md', 'a/Note.md'],
    ['A/NOTE.MD', 'b/x.md', 'a/Note.md'],
    ['A/Note.md', 'b/x.md', 'a/Note.md'],
    ['a/b/Note', 'a/x.md', 'a/b/Note.md'],
    ['b/Note', 'x.md', 'a/b/Note.md'],
    ['c/Note', 'x.md', null],
    ['Deep', 'b/x.md', 'b/Deep.md'],
    ['Deep', 'x.md', 'a/Deep.md'],
    ['Deep', 'long/er/x.md', 'long/er/Deep.md'],
    ['Only', 'a/b/c.md', 'x/Only.md'],
    ['y/Path', 'q.md', 'x/y/Path.md'],
    ['y/Path', 'z/q.md', 'z/y/Path.md'],
    ['pic.png', 'q.md', 'a/pic.png'],
    ['pic.png', 'img/q.md', 'img/pic.png'],
    ['pic.png.md', 'q.md', 'x/pic.png.md'],
    ['pic', 'q.md', null],
    ['doc', 'q.md', null],
    ['doc.pdf', 'q.md', 'doc.pdf'],
    ['v1.2', 'q.md', 'v1.2.md'],
    ['v1', 'q.md', null],
    ['u\u0308ni\u0308', 'q.md', 'Ünï.md'],
    ['CASE', 'q.md', 'x/CASE.md'],
    ['case', 'q.md', 'y/case.md'],
    ['y/CASE', 'q.md', 'y/case.md'],
    ['./Deep', 'a/q.md', 'a/Deep.md'],
    ['./Deep', 'q.md', null],
    ['../Note', 'a/b/q.md', 'a/Note.md'],
    ['../../Note', 'a/b/q.md', 'Note.md'],
    ['../../../Note', 'a/b/q.md', null],
    ['../b/Deep.md', 'a/q.md', 'b/Deep.md'],
    ['/Note', 'a/q.md', 'Note.md'],
    ['/Deep', 'a/q.md', null],
    ['/a/Deep', 'q.md', 'a/Deep.md'],
    ['a//Deep', 'q.md', 'a/Deep.md'],
    ['a/../b/Deep', 'q.md', 'b/Deep.md'],
    ['Note/', 'q.md', null],
    ['bare', 'q.md', 'bare'],
    ['..', 'a/q.md', null],
    ['.', 'a/q.md', null],
    ['/', 'q.md', null],
    ['archive.tar.gz', 'q.md', 'x/archive.tar.gz'],
    ['eep', 'q.md', null],
  ])('[[%s]] in %s is %s', (target, source, expected) => expect(index.resolve(target, source)).toBe(expected));

  test('does not depend on the order of files', () => {
    const target = fc.constantFrom(
      'Note',
      'note',
      'Deep',
      'y/Path',
      'pic.png',
      'case',
      'CASE',
      'b/Note',
      'bare',
      './Deep',
    );
    fc.assert(
      fc.property(fc.shuffledSubarray(FILES), target, fc.constantFrom(...FILES), (files, wanted, source) => {
        const sorted = createLinkIndex([...files].sort());
        const shuffled = createLinkIndex(files);
        expect(shuffled.resolve(wanted, source)).toBe(sorted.resolve(wanted, source));
        expect(resolveLink(wanted, source, shuffled.candidates(wanted))).toBe(sorted.resolve(wanted, source));
      }),
      { numRuns: 2000 },
    );
  });

  test('finds a file by nothing but its name whenever there is one of its key', () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .filter((text) => namesAnyFile(text) && !text.startsWith('.'));
    const written = fc.constantFrom<(text: string) => string>(
      (text) => text,
      (text) => text.toUpperCase(),
      (text) => text.normalize('NFD'),
    );
    const place = fc.record({ folder: fc.constantFrom('', 'a/', 'a/É/'), end: fc.constantFrom('', '.md', '.MD') });
    fc.assert(
      fc.property(name, written, fc.array(place, { minLength: 1, maxLength: 4 }), (text, change, places) => {
        const files = places.map(({ folder, end }) => folder + text + end);
        const target = change(text);
        const same = files.filter((file) => linkKey(file) === linkKey(target));
        fc.pre(same.length > 0 && namesAnyFile(target));
        expect(resolveLink(target, 'x/source.md', same)).not.toBeNull();
      }),
      { numRuns: 2000 },
    );
    for (const other of ['a/Note', './Note', 'Note.md', 'Note.MD', '']) expect(namesAnyFile(other)).toBe(false);
  });

  test('means no other file than the one whose whole path it names', () => {
    const target = fc.constantFrom(
      ...[
        'Note',
        'a/Note',
        'A/Note',
        '/a/Note',
        './Note',
        '../Note',
        'b/Note',
        'pic.png',
        'img/pic.png',
        'v1.2',
        'bare',
      ],
      ...['x/pic.png', 'Note.md', 'a/Note.md', 'w/bare', 'x/CASE', 'x/case'],
    );
    const files = fc.shuffledSubarray([...FILES, 'v1.2', 'x/pic.png', 'a/note.md'], { minLength: 1 });
    let whole = 0;
    fc.assert(
      fc.property(files, files, target, fc.constantFrom(...FILES), (some, others, wanted, source) => {
        const meant = createLinkIndex(some).resolve(wanted, source);
        if (meant === null || !namesWholePath(wanted, source, meant)) return;
        whole++;
        expect(createLinkIndex([...some, ...others]).resolve(wanted, source)).toBe(meant);
      }),
      { numRuns: 5000 },
    );
    expect(whole).toBeGreaterThan(500);
  });

  test('the index follows additions and removals', () => {
    const files = createLinkIndex(['a/N.md']);
    files.add('N.md');
    files.add('N.md');
    expect(files.candidates('x/n.md')).toEqual(['N.md', 'a/N.md']);
    expect(files.resolve('N', 'b/q.md')).toBe('N.md');
    files.remove('N.md');
    files.remove('unknown.md');
    expect(files.resolve('N', 'b/q.md')).toBe('a/N.md');
    files.remove('a/N.md');
    expect(files.candidates('N')).toEqual([]);
    expect(files.resolve('N', 'b/q.md')).toBeNull();
  });
});

test.each([
  ['Note', 'note'],
  ['a/Note.md', 'note'],
  ['image.PNG', 'image.png'],
  ['v1.2.md', 'v1.2'],
  ['A\u0308', 'ä'],
  ['a/', ''],
  ['.md', '.md'],
])('linkKey of %s', (target, key) => expect(linkKey(target)).toBe(key));

test('linkKeys are unique and cover properties', () => {
  const text = '---\nup: "[[Up]]"\n---\n[[A]] [[x/a.md#h]] [b](c%20d.md) [e](https://x.y) [[#own]] ![[i.png]]';
  expect(linkKeys('a.md', text).sort()).toEqual(['a', 'c d', 'i.png', 'up']);
});

describe('resolveSubpath', () => {
  const text = '# A\none\n## B: c\ntwo\n# D\n## B: c\nthree ^id\n### [[E|f]] #g\nfour\n# D\n\n| t |\n|---|\n\n^tab\n';
  const parsed = parseNote(text);
  test.each<[string, string | null]>([
    ['', text],
    ['#A', '# A\none\n## B: c\ntwo\n'],
    ['#a', '# A\none\n## B: c\ntwo\n'],
    ['#B c', '## B: c\ntwo\n'],
    ['#D#B: c', '## B: c\nthree ^id\n### [[E|f]] #g\nfour\n'],
    ['#D#B  C', '## B: c\nthree ^id\n### [[E|f]] #g\nfour\n'],
    ['#D#E f g', '### [[E|f]] #g\nfour\n'],
    ['#A#E f g', null],
    ['#B c#D', null],
    ['#nope', null],
    ['#^id', 'three'],
    ['#^ID', 'three'],
    ['#^tab', '| t |\n|---|'],
    ['#^none', null],
  ])('%s', (subpath, expected) => {
    const range = resolveSubpath(subpath, text, parsed);
    expect(range === null ? null : text.slice(range.start, range.end)).toBe(expected);
    if (range !== null) expect(range.line).toBe(text.slice(0, range.start).split('\n').length);
  });
});
