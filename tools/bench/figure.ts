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

/** A vault that was served once until all of it was indexed. */
export interface IndexedVault extends WeaveFolders {
  /** Megabytes that the process had in the end, when it was idle again. */
  resident: number;
}

/** What figures measure on. */
export interface Bench {
  /** A folder for what a figure writes; removed in the end. */
  scratch: string;
  vault: string;
  generated: GeneratedVault;
  indexed(): Promise<IndexedVault>;
  /** The same texts in a bare FTS5 table; answers the database's file. */
  bareTable(): Promise<string>;
}

export type Figure = (bench: Bench) => Promise<Measurement[]>;
