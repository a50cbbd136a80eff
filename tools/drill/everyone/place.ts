import type { Api } from '@weave-nn/testing';

/** A system that everyone works with, in one process or in several, any of which can be killed. */
export interface Place {
  vault: string;
  key: string;
  /** Speaks to it where it is at the moment. */
  api(): Api;
  /** What can be killed. */
  parts: readonly string[];
  kill(part: string): Promise<void>;
  /** Starts a part, and resolves once it runs, ready or not. */
  start(part: string, settings: Readonly<Record<string, string>>): Promise<void>;
  /** What its parts last logged. */
  logs(): string;
  /** Ends everything; what it has written is removed, or left for somebody to look at. */
  close(isKept: boolean): Promise<void>;
}

/** How a place is opened. */
export interface PlaceOptions {
  settings: Readonly<Record<string, string>>;
  /** Makes the vault before anything is started. */
  prepare(vault: string): Promise<void>;
}
