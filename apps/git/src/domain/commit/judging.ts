import type { Runtime } from '@weave-nn/config';
import type { EventDraft, Outbox } from '@weave-nn/events';
import type { FindingStore, StoredFinding } from '../../store/findings.ts';
import type { PendingChange, PendingStore } from '../../store/pending.ts';
import type { Mandate, Transactions } from '../../store/transaction.ts';
import type { Head } from '../repository.ts';
import type { Validation } from '../validation/validation.ts';
import type { Group } from './groups.ts';
import type { IndexChange, PrivateIndex } from './private-index.ts';

export interface JudgingOptions {
  index: PrivateIndex;
  validation: Validation;
  database: Transactions;
  pending: PendingStore;
  findings: FindingStore;
  outbox: Outbox;
  wakeRelay(): void;
  runtime: Runtime;
}

/** What of a group's changes can be committed, and what speaks against the rest. */
export interface Judged {
  /** What the index has otherwise than the branch. */
  taken: IndexChange[];
  /** The changes that a commit of it would hold. */
  changes: PendingChange[];
  findings: StoredFinding[];
  /** Paths that are kept back. */
  blocked: ReadonlySet<string>;
}

/** Both ends of a move are committed together, or a file that is kept back would be gone from where it was. */
function withMoves(blocked: Set<string>, changes: readonly PendingChange[]): Set<string> {
  for (const { path, from } of changes) {
    if (from === null || !(blocked.has(path) || blocked.has(from))) continue;
    blocked.add(path).add(from);
  }
  return blocked;
}

function blockedEvent({ path, rule, reason }: StoredFinding, actor: string): EventDraft {
  return {
    type: 'git.blocked',
    subject: path,
    data: { actor, client: null, requestId: null, paths: [path], rule, reason },
  };
}

/** Decides which changes a commit may have, and remembers why the others may not be in one. */
export function createJudging(options: JudgingOptions) {
  const { index, validation, database, pending, findings, runtime } = options;

  return {
    /**
     * Takes a group's files into the index; what git or a rule speaks against is put back to what the branch has.
     *
     * @param differing what the folder has otherwise than the index, if that is known; no ignored file is among it
     */
    async judge(group: Group, head: Head, differing?: ReadonlySet<string>): Promise<Judged> {
      const own = index.withoutNested(group.paths);
      const refused = await index.take(
        differing ? own.filter((path) => differing.has(path)) : await index.withoutIgnored(own),
      );
      const changes = await index.changes(head.tree);
      const found = await validation.check(changes, head);
      const foundAt = runtime.now();
      const all: StoredFinding[] = [
        ...refused.map(({ path, reason }) => ({ path, rule: 'git', level: 'block' as const, reason, foundAt })),
        ...found.map((finding) => ({ ...finding, foundAt })),
      ];
      const blocking = new Set(all.filter(({ level }) => level === 'block').map(({ path }) => path));
      const blocked = withMoves(blocking, group.changes);
      await index.set(
        changes.filter(({ path }) => blocked.has(path)).map(({ path, before }) => ({ path, entry: before })),
      );
      return {
        taken: changes.filter(({ path }) => !blocked.has(path)),
        changes: group.changes.filter(({ path }) => !blocked.has(path)),
        findings: all,
        blocked,
      };
    },

    /**
     * Writes down what was found and tells of what is new.
     *
     * @param known what was found before, by path
     * @param done pending changes that need no commit
     */
    async record(
      group: Group,
      { findings: found, blocked }: Judged,
      known: ReadonlyMap<string, StoredFinding>,
      done: readonly PendingChange[],
      mandate: Mandate,
    ): Promise<void> {
      const held = group.changes.filter(({ path }) => blocked.has(path));
      const news = found.filter(({ path, rule, level, reason }) => {
        const before = known.get(path);
        return before?.rule !== rule || before.level !== level || before.reason !== reason;
      });
      const gone = group.paths.filter((path) => known.has(path) && !found.some((finding) => finding.path === path));
      if (held.length + news.length + gone.length + done.length === 0) return;
      const positionsOf = (changes: readonly PendingChange[]) => changes.map(({ position }) => position);
      await database.transaction(async (transaction) => {
        await mandate.fence(transaction.sql);
        for (const finding of news) await findings.put(transaction, finding);
        for (const path of gone) await findings.remove(transaction, path);
        const blocking = news.filter(({ level }) => level === 'block');
        await options.outbox.appendAll(
          transaction.sql,
          blocking.map((finding) => blockedEvent(finding, group.actor)),
        );
        await pending.hold(transaction, positionsOf(held));
        await pending.remove(transaction, positionsOf(done));
      });
      options.wakeRelay();
    },
  };
}

export type Judging = ReturnType<typeof createJudging>;
