import type { WeaveFolders } from '../drill/weave-process.ts';
import type { GeneratedVault } from '../generate/vault.ts';

/** One line of the table that a figure gives. */
export interface Measurement {
  name: string;
  ours: string;
  /** The same work done by something simple, in the same run. */
  baseline: string;
  ratio: number | null;
  wanted: string;
  /** Null where nothing is wanted. */
  ok: boolean | null;
  /** More that was seen, one line each. */
  notes?: string[];
}

/** What figures measure on. */
export interface Bench {
  /** A folder for what a figure writes; removed in the end. */
  scratch: string;
  vault: string;
  generated: GeneratedVault;
  /** The vault, served once until all was indexed. */
  indexed(): Promise<WeaveFolders>;
  /** The same texts in a bare FTS5 table; answers the database's file. */
  bareTable(): Promise<string>;
}

export type Figure = (bench: Bench) => Promise<Measurement[]>;
