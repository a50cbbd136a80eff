import type { Runtime } from '@weave-nn/config';
import type { StateStore } from '../store/state.ts';
import type { Mandate, Transactions } from '../store/transaction.ts';
import type { Repository } from './repository.ts';

const EVERY = 24 * 3_600_000;
const AFTER_START = 20_000;
const POLL_INTERVAL_MS = 600_000;
const LONGEST = 600_000;

/**
 * Keeps the repository quick, once a day: git's own tidying up, if there is enough for it, and its graph of commits
 * with the paths that each changed, without which the history of a note reads all trees of all commits.
 */
export function createMaintenance(options: {
  repository: Repository;
  state: StateStore;
  database: Transactions;
  runtime: Runtime;
}) {
  const { repository, state, database, runtime } = options;
  let dueAt = runtime.monotonic() + AFTER_START;

  async function tend(mandate: Mandate): Promise<void> {
    const { git } = repository;
    if (!(await repository.isShallow())) {
      const args = ['commit-graph', 'write', '--reachable', '--changed-paths', '--split', '--no-progress'];
      await git.write({ args, timeout: LONGEST, signal: mandate.signal });
    }
    await git.write({
      args: ['-c', 'gc.autoDetach=false', '-c', 'gc.auto=6700', 'gc', '--auto', '--quiet'],
      timeout: LONGEST,
      signal: mandate.signal,
    });
    await database.transaction((transaction) => state.change(transaction, { tendedAt: runtime.now() }));
  }

  return {
    /** Not right at the start, when there is more urgent work. */
    async maintainIfDue(mandate: Mandate): Promise<void> {
      if (runtime.monotonic() < dueAt) return;
      dueAt = runtime.monotonic() + POLL_INTERVAL_MS;
      const { tendedAt } = await state.read();
      if (runtime.now() - tendedAt < EVERY) return;
      const { sha } = await repository.head();
      if (sha !== null) await tend(mandate);
    },
  };
}

export type Maintenance = ReturnType<typeof createMaintenance>;
