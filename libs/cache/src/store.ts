/** What a store knows of a key. */
export interface Lookup {
  /** The versions of its tags at this moment: equal for two lookups between which none was invalidated. */
  stamp: string;
  /** The value as JSON, when there is one that counts. */
  text: string | undefined;
  /** Keeps a value made after this lookup, for so many milliseconds; it counts only as long as the stamp does. */
  keep(text: string, ttl: number): Promise<void> | void;
}

/**
 * Where values are. None of its functions fails.
 *
 * A tag has a version, and a value is kept with the versions its tags had before it was computed. So invalidating is
 * one small write per tag however many values have it, and a value computed meanwhile is invalid when it arrives.
 */
export interface Store {
  /** @param tags sorted, each once */
  lookup(key: string, tags: readonly string[]): Promise<Lookup> | Lookup;
  invalidate(tags: readonly string[]): Promise<void> | void;
  delete(key: string): Promise<void> | void;
}
