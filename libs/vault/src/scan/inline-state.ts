import type { BlockId, Link, TagOccurrence } from './types.ts';

/** Where inline scanning puts what it finds, and what it remembers to stay linear. */
export interface InlineState {
  readonly text: string;
  readonly links: Link[];
  readonly tags: TagOccurrence[];
  readonly blocks: BlockId[];
  /** Line of the offset at which the last scan stopped. */
  line: number;
  /** Whether a link was added after one that starts behind it. */
  unordered: boolean;
  /** Offset of what closes raw HTML, such as `-->`, at or after the last place where it was looked for. */
  readonly nextCloses: Map<string, number>;
  /** Labels of the link reference definitions so far. */
  readonly definedLabels: Set<string>;
  /** Block that a `^id` standing alone would name; -1 for none. */
  previousStart: number;
  previousEnd: number;
  /** Offset from which no closing `$` follows on its line, and the end of that line. */
  dollarFrom: number;
  dollarLineEnd: number;
  /** Leaf whose backtick runs were all looked at, with the last offset of a run by its length. */
  readonly lastBackticks: Map<number, number>;
  backticksScannedTo: number;
}

/** A fresh state for scanning the inline text of one note. */
export function createInlineState(text: string): InlineState {
  return {
    text,
    links: [],
    tags: [],
    blocks: [],
    line: 1,
    unordered: false,
    nextCloses: new Map(),
    definedLabels: new Set(),
    previousStart: -1,
    previousEnd: -1,
    dollarFrom: -1,
    dollarLineEnd: -1,
    lastBackticks: new Map(),
    backticksScannedTo: -1,
  };
}
