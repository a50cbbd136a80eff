/** What has been dropped and Redis has not confirmed yet. */
export interface Unsent {
  /** Remembers names until `settle` is called with them and the ticket it answers. */
  add(names: readonly string[]): number;
  /** Forgets what has arrived, unless it was dropped once more meanwhile. */
  settle(names: readonly string[], ticket: number): void;
  names(): string[];
  isEmpty(): boolean;
}

const MOST = 1_000;

/** @param everything the name that stands for all others, when they become too many */
export function createUnsent(everything: string): Unsent {
  const tickets = new Map<string, number>();
  let latest = 0;
  return {
    add(names) {
      latest++;
      for (const name of names) tickets.set(name, latest);
      if (tickets.size > MOST) {
        tickets.clear();
        tickets.set(everything, latest);
      }
      return latest;
    },
    settle(names, ticket) {
      for (const name of names) {
        const last = tickets.get(name);
        if (last !== undefined && last <= ticket) tickets.delete(name);
      }
    },
    names: () => [...tickets.keys()],
    isEmpty: () => tickets.size === 0,
  };
}
