const DEEP = 20_000;
const LONG = 100_000;

/** Texts that programs stumble over. */
export const oddTexts: readonly string[] = [
  '',
  ' ',
  '\t\n',
  '\u0000',
  'a\u0000b',
  'a\nb\r\nc',
  '\u0007\u001b[31m\u007f',
  '\ud800',
  'a\udfffb',
  '\ufeffa',
  '\u202egnp.md',
  'e\u0301\u0323',
  '\u212a\u0131\ufb01',
  '\u{1f469}\u200d\u{1f680}',
  '\u2028\u2029\u0085',
  '\uffff\ufffe',
  'x'.repeat(300),
  'x'.repeat(LONG),
  '\u00e9'.repeat(LONG),
  '('.repeat(DEEP),
  '['.repeat(DEEP),
  '*'.repeat(1_000),
  '{a,b}'.repeat(50),
  '[!a-z]**/?*',
  '"unclosed AND (',
  "'; DROP TABLE task; --",
  '%',
  '%s%n',
  '$&$1',
  '\\',
  'null',
  'true',
  '-1',
  '1e999',
  '999999999999999999999',
  'NaN',
  '__proto__',
  'constructor',
  'toString',
  '0000-00-00',
  '9999-12-31',
  '2026-02-30',
  '+275760-09-13T00:00:00.001Z',
  '--output=/tmp/x',
  '-',
  ':/x',
  'HEAD^{tree}',
  'HEAD@{1}',
  'HEAD~999999',
  'file:///etc/passwd',
];

/** Paths that must not lead out of a vault, or that no file can have. */
export const oddPaths: readonly string[] = [
  '..',
  '../../etc/passwd',
  'a/../../b.md',
  '/etc/passwd',
  'C:\\Windows',
  '..\\..\\x',
  '.git/config',
  '.GIT/config',
  '.obsidian/app.json',
  '.weave/rules.yml',
  '.trash/x.md',
  'a/./b.md',
  'a//b.md',
  'a/',
  '.',
  'CON.md',
  'a:b.md',
  'a\u0000.md',
  `${'x'.repeat(300)}.md`,
  `${'a/'.repeat(2_000)}b.md`,
  'Note.md/inside.md',
  'nul\nline.md',
  '\ud800.md',
];

/** Parts of a URL that are no valid encoding of anything. */
export const oddEncodings: readonly string[] = [
  '%',
  '%zz',
  '%00',
  '%FF%FE',
  '%ED%A0%80',
  '%C0%AE%C0%AE%2F',
  '..%252f..%252fetc',
  '%2F%2F',
  '%0d%0aX:%201',
  '+',
  ';a=b',
  '[]',
  'a=b=c',
];

/**
 * JSON that `JSON.stringify` does not write, by a name that stands for it in a value: each is put in after the rest has
 * been written.
 */
const rawJson: Readonly<Record<string, string>> = {
  deepArrays: '['.repeat(DEEP) + ']'.repeat(DEEP),
  deepObjects: `${'{"a":'.repeat(DEEP)}1${'}'.repeat(DEEP)}`,
  proto: '{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}',
  twice: '{"a":1,"a":2}',
  infinite: '1e999',
  minusZero: '-0',
  tiny: '5e-324',
  huge: '123456789012345678901234567890',
  surrogate: '"\\ud800"',
  control: '"\\u0000\\u0001"',
};

const placeholder = (name: string) => `@raw:${name}@`;

/** JSON values that are seldom expected. */
export const oddValues: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  -1e308,
  2 ** 31,
  2 ** 53,
  -(2 ** 63),
  [],
  {},
  [[]],
  [null],
  Array.from({ length: 2_000 }, () => 0),
  Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`k${index}`, index])),
  ...Object.keys(rawJson).map(placeholder),
];

/** Writes a value as JSON, with what stands for raw JSON put in. */
export function writeJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(/"@raw:(\w+)@"/g, (found, name: string) => rawJson[name] ?? found);
}

/** Bodies that are no JSON. */
export const brokenJson: readonly string[] = [
  '',
  '{',
  '{"a":',
  '[1,]',
  '{"a":1}x',
  "{'a':1}",
  'undefined',
  '"\u0000"',
  '\ufeff{}',
  '['.repeat(DEEP),
  '{"a":'.repeat(DEEP),
  '<xml/>',
];

/** Contents of notes and other files. */
export const oddContents: readonly (string | Uint8Array)[] = [
  '',
  'text\n',
  '# Title\n\nTo [[Note]] and ![[Folder/Other#Part|shown]] #tag\n\n- [ ] Water it \u{1f4c5} 2026-12-01\n',
  '---\ntags: [a, b]\nstatus: open\n---\n# H\n\n## Next\n\ntext ^block\n',
  '---\na: [unclosed\n---\n',
  '---\n',
  `---\na: ${'['.repeat(DEEP)}${']'.repeat(DEEP)}\n---\n`,
  `---\n${'a: &x [*x, *x]\n'.repeat(3)}---\n`,
  `---\n${Array.from({ length: 200 }, (_, index) => `${' '.repeat(index)}a:\n`).join('')}---\n`,
  '---\n__proto__: 1\nconstructor: {prototype: 1}\n? [a]\n: b\n!!js/function "x": 1\n---\n',
  '>'.repeat(DEEP),
  `${'- '.repeat(5_000)}x`,
  Array.from({ length: 500 }, (_, index) => `${'  '.repeat(index)}- [ ] deep\n`).join(''),
  '[['.repeat(DEEP),
  '![a]('.repeat(5_000),
  '*_'.repeat(DEEP),
  '`'.repeat(DEEP),
  '<div>'.repeat(5_000),
  'x'.repeat(LONG * 2),
  '```\nunclosed\n- [ ] not a task\n',
  '- [ ] \u{1f4c5} 2026-02-30 \u{1f501} every \u{1f4c5}\n- [?] odd \u{1f194} \u{1f194}\n- [x] \u2705 0000-00-00\n',
  '\ufeff# With a mark\r\nCRLF\r\n',
  'a\u0000b\n',
  Uint8Array.of(0xff, 0xfe, 0x00, 0xd8),
  Uint8Array.of(0xc3, 0x28, 0x0a),
];
