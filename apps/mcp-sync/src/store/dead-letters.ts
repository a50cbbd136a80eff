// Statements for what chooses and changes many letters at once, which a process that dies must not leave half done.
import type { DeadLetterState } from '@weave-nn/clients';
import { withAdvisoryLock } from '@weave-nn/events';
import type { PrismaClient, DeadLetter as Row } from '../../prisma/generated/sqlite/client.ts';
import { afterDeath, type DeadLetter, type News } from '../domain/dead-letter.ts';
import type { ReadSideDatabase } from './client.ts';

/** What letters are chosen by; what is left out chooses all. */
export interface DeadLetterFilter {
  queue?: string;
  consumer?: string;
  type?: string;
  state?: DeadLetterState;
}

/** A place in the list, which goes from the newest death on. */
export interface ListPosition {
  diedAt: string;
  id: string;
}

/** A replay that was sent, or why it never can be; then its letter is dead again. */
export interface SentReplay {
  letter: DeadLetter;
  refusal?: Error;
}

const PRUNE_BATCH = 2_000;
const SETTLED: DeadLetterState[] = ['replayed', 'superseded'];

function toLetter({ vaultId: _vault, sent: _sent, state, history, ...values }: Row): DeadLetter {
  return { ...values, state: state as DeadLetterState, history: JSON.parse(history) };
}

function letterOf(news: News): string {
  return news.kind === 'death' ? news.letter.id : news.id;
}

/** No replay is under way, or nothing has been heard of it since a time. */
const idleSince = (time: string) => [{ state: 'dead' }, { state: 'replaying', stateAt: { lt: time } }];

/** Dead letters of every consumer. */
export function createDeadLetterStore(database: ReadSideDatabase, vaultId: string) {
  const letters = async () => (await database.prisma()).deadLetter;

  async function keepDeath(
    { deadLetter }: Pick<PrismaClient, 'deadLetter'>,
    news: Extract<News, { kind: 'death' }>,
  ): Promise<void> {
    const { id } = news.letter;
    const history = JSON.stringify(news.letter.history);
    // Changes nothing of a letter that is there, but nobody else changes it until the transaction ends.
    const row = await deadLetter.upsert({
      where: { id },
      create: { ...news.letter, history, vaultId, sent: 0 },
      update: { attempts: { increment: 0 } },
    });
    const { history: deaths, ...letter } = afterDeath(toLetter(row), news);
    await deadLetter.update({ where: { id }, data: { ...letter, history: JSON.stringify(deaths) } });
  }

  async function add(news: readonly News[]): Promise<void> {
    // Letters are locked in the same order everywhere; news of one letter stay in theirs.
    const sorted = news.toSorted((one, other) => letterOf(one).localeCompare(letterOf(other), 'en'));
    await database.prismaTransaction(async (prisma) => {
      for (const each of sorted) {
        if (each.kind === 'death') await keepDeath(prisma, each);
        else {
          await prisma.deadLetter.updateMany({
            where: { id: each.id, state: { notIn: SETTLED } },
            data: { state: each.outcome === 'applied' ? 'replayed' : 'superseded', stateAt: each.at },
          });
        }
      }
    });
  }

  return {
    /** Takes in news in their order; what is told twice counts once. */
    add,

    /** How many are dead or being replayed. */
    async count(): Promise<number> {
      return (await letters()).count({ where: { vaultId, state: { in: ['dead', 'replaying'] } } });
    },

    /** Letters from a place on, the last that died first. */
    async list(filter: DeadLetterFilter, after: ListPosition | undefined, limit: number): Promise<DeadLetter[]> {
      const older = after && {
        OR: [{ diedAt: { lt: after.diedAt } }, { diedAt: after.diedAt, id: { lt: after.id } }],
      };
      const rows = await (await letters()).findMany({
        where: { vaultId, ...filter, ...older },
        orderBy: [{ diedAt: 'desc' }, { id: 'desc' }],
        take: limit,
      });
      return rows.map(toLetter);
    },

    async find(id: string): Promise<DeadLetter | undefined> {
      const row = await (await letters()).findFirst({ where: { vaultId, id } });
      return row ? toLetter(row) : undefined;
    },

    /**
     * Begins a replay of a letter that has none under way; it is sent later.
     *
     * @param since ISO 8601: a replay of which nothing was heard since is no longer under way
     * @returns whether it was begun
     */
    async beginReplay(id: string, replay: string, now: string, since: string): Promise<boolean> {
      const { count } = await (await letters()).updateMany({
        where: { vaultId, id, queue: { not: '' }, OR: idleSince(since) },
        data: { state: 'replaying', stateAt: now, replay, sent: 0 },
      });
      return count > 0;
    },

    /** Begins a replay of dead letters, the oldest events first; answers how many. */
    async beginReplays(filter: DeadLetterFilter, limit: number, replay: string, now: string): Promise<number> {
      const given = Object.entries({ vault_id: vaultId, ...filter, state: 'dead' });
      const chosen = given.map(([column]) => `${column} = ?`).join(' AND ');
      return database.transaction((sql) =>
        sql.run(
          `UPDATE dead_letter SET state = 'replaying', state_at = ?, replay = ?, sent = 0
           WHERE state = 'dead' AND id IN
             (SELECT id FROM dead_letter WHERE ${chosen} AND queue <> '' ORDER BY event_id, id LIMIT ?)`,
          now,
          replay,
          ...given.map(([, value]) => value),
          limit,
        ),
      );
    },

    /**
     * Hands out replays that were begun and not sent, the oldest events first, and keeps what became of them. One that
     * is sent again after a crash has the same id, by which its consumer knows it.
     *
     * @param send answers those it has dealt with; the others are handed out again
     * @returns how many were handed out; undefined when another process is at it
     */
    async sendReplays(limit: number, now: string, send: (letters: DeadLetter[]) => Promise<SentReplay[]>) {
      const refused: News[] = [];
      const count = await withAdvisoryLock(database, `replays ${vaultId}`, async ({ write }) => {
        const rows = await (await letters()).findMany({
          where: { vaultId, state: 'replaying', sent: 0 },
          orderBy: [{ eventId: 'asc' }, { id: 'asc' }],
          take: limit,
        });
        if (rows.length === 0) return 0;
        const sent = await send(rows.map(toLetter));
        for (const { letter, refusal } of sent) {
          const death = { error: String(refusal), attempts: 0, firstAt: now, diedAt: now };
          if (refusal) refused.push({ kind: 'death', isTimed: true, letter: { ...letter, ...death } });
        }
        await write((sql) =>
          sql.runEach(
            'UPDATE dead_letter SET sent = 1 WHERE id = ? AND replay = ?',
            sent.filter(({ refusal }) => !refusal).map(({ letter }) => [letter.id, letter.replay]),
          ),
        );
        return rows.length;
      });
      // A process that dies before this has them sent, and refused, once more.
      if (refused.length > 0) await add(refused);
      return count;
    },

    /**
     * Deletes a letter that has no replay under way; answers whether there was one.
     *
     * @param since as for `beginReplay`
     */
    async discard(id: string, since: string): Promise<boolean> {
      const { count } = await (await letters()).deleteMany({
        where: { vaultId, id, OR: [{ state: { in: SETTLED } }, ...idleSince(since)] },
      });
      return count > 0;
    },

    /** Deletes letters that have been settled since before a time (ISO 8601). */
    async prune(before: string): Promise<void> {
      const deadLetter = await letters();
      const where = { vaultId, state: { in: SETTLED }, stateAt: { lt: before } };
      for (let found = PRUNE_BATCH; found === PRUNE_BATCH; ) {
        const old = await deadLetter.findMany({ where, select: { id: true }, take: PRUNE_BATCH });
        found = old.length;
        await deadLetter.deleteMany({ where: { ...where, id: { in: old.map(({ id }) => id) } } });
      }
    },
  };
}

export type DeadLetterStore = ReturnType<typeof createDeadLetterStore>;
