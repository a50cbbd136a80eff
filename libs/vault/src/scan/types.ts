/** The YAML block at the very start of a note. All offsets are UTF-16 indexes into the note's text. */
export interface FrontmatterBlock {
  /** Offset of the opening `---`. */
  start: number;
  /** Offset after the closing `---` line, its line break included. */
  end: number;
  /** Offset of the first line of YAML. */
  contentStart: number;
  /** Offset of the closing `---`. */
  contentEnd: number;
  /** The YAML between the two `---` lines, line breaks as written. */
  raw: string;
}

/** A heading at the top level of the note (not inside a quote or a list). */
export interface Heading {
  level: number;
  /** Trimmed text without closing `#`s; emphasis and links are left as written. */
  text: string;
  /** Start of the heading's first line. */
  start: number;
  /** End of the heading's last line (the underline of a setext heading), without its line break. */
  end: number;
  line: number;
}

/** How a property link is written in YAML, which decides how a new target has to be escaped. */
export type YamlStyle = 'plain' | 'single' | 'double' | 'block';

/** An internal or external link, or an embed. */
export interface Link {
  /** `path`: the path of a file as a canvas has it; `formula`: a name as text in a base's formula. */
  kind: 'wiki' | 'markdown' | 'path' | 'formula';
  embed: boolean;
  /** Decoded path without the subpath; `''` for a link within the note; the whole URL for an external link. */
  target: string;
  /** `''`, `#Heading`, `#Outer#Inner` or `#^block`, decoded like the target. */
  subpath: string;
  /** Display text, or `null` when the link has none. */
  alias: string | null;
  /** Start of the whole construct, the `!` of an embed included. */
  start: number;
  end: number;
  /** Range of the path and subpath as written in the source. */
  targetStart: number;
  targetEnd: number;
  line: number;
  /** Whether the destination is a URL (`https:`, `mailto:`, `//host` …). */
  external: boolean;
  /** `null` in the body; how the value is quoted for a property link. */
  yaml: YamlStyle | null;
}

/** An inline tag; `tag` has no leading `#`, the range includes it. */
export interface TagOccurrence {
  tag: string;
  start: number;
  end: number;
  line: number;
}

/** A `^id` that names a block. */
export interface BlockId {
  id: string;
  /** Range of `^id`. */
  start: number;
  end: number;
  line: number;
  /** Range of the named block's own text: without list marker, checkbox, quote marker of its first line, and id. */
  blockStart: number;
  blockEnd: number;
}

/** A list item with a checkbox. */
export interface TaskLine {
  /** Start of the line. */
  start: number;
  /** End of the line without its line break. */
  end: number;
  line: number;
  /** Columns of white space before the marker, counted after quote markers; tabs stop at multiples of 4. */
  indent: number;
  /** `-`, `*`, `+`, `1.` or `1)` as written. */
  marker: string;
  /** The one character in the brackets. */
  status: string;
  /** Offset of the status character. */
  statusStart: number;
  textStart: number;
  /** Text of the line after the checkbox, without trailing white space. */
  text: string;
}

/** Everything `parseNote` finds in a note. Lists are in document order. */
export interface ParsedNote {
  frontmatter: FrontmatterBlock | null;
  bodyStart: number;
  headings: Heading[];
  links: Link[];
  tags: TagOccurrence[];
  blocks: BlockId[];
  tasks: TaskLine[];
}

/** A half-open range of a note with the 1-based line it starts on. */
export interface TextRange {
  start: number;
  end: number;
  line: number;
}
