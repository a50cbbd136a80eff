import type { EventData, Outbox } from '@weave-nn/events';
import { collisionKey } from '@weave-nn/vault';
import type { ManifestEntry, ManifestStore } from '../../store/manifest.ts';
import type { Transaction } from '../../store/transaction.ts';
import type { KeptContent, VersionStore } from '../../store/versions.ts';
import type { Description } from '../read/content.ts';
import type { FileStat } from '../vault-folder.ts';
import type { Author } from '../write/write-group.ts';

/** A file as it stands now, ready to be recorded. */
export interface Present {
  path: string;
  hash: string;
  stat: FileStat;
  description: Description;
}

/** A file as it stands now, and what is known of it from before. */
export interface Change {
  present: Present;
  before: ManifestEntry | undefined;
}

/** A file as it stands now, and where it was before. */
export interface Move {
  present: Present;
  before: ManifestEntry;
}

type FileData = EventData<'vault.file.created'>;

function provenance(author: Author) {
  return { actor: author.actor, client: author.client, requestId: author.requestId };
}

/**
 * Writes what happened to a file into manifest, versions and outbox, inside the caller's transaction.
 * Every change of a file, whoever made it, is recorded by one of these.
 */
export function createRecording(options: {
  vaultId: string;
  outbox: Outbox;
  manifest: ManifestStore;
  versions: VersionStore;
}) {
  const { vaultId, outbox, manifest, versions } = options;

  function data({ path, hash, stat, description }: Present, author: Author, previousHash?: string): FileData {
    return {
      vaultId,
      path,
      hash,
      ...(previousHash === undefined ? {} : { previousHash }),
      size: stat.size,
      mtime: new Date(stat.mtimeUs / 1000).toISOString(),
      frontmatter: description.frontmatter,
      origin: author.origin,
      ...provenance(author),
    };
  }

  function toEntry({ path, hash, stat, description }: Present, sequence: number): ManifestEntry {
    return { path, collisionKey: collisionKey(path), hash, ...stat, sequence, linkKeys: description.linkKeys };
  }

  function removeAll(sql: Transaction, entries: readonly ManifestEntry[]): Promise<void> {
    return manifest.removeAll(
      sql,
      entries.map(({ path }) => path),
    );
  }

  return {
    /**
     * Files that were not there, or had another content, each of another path.
     *
     * @returns their new sequences, in their order
     */
    async changed(sql: Transaction, changes: readonly Change[], author: Author): Promise<number[]> {
      const replaced = changes.flatMap(({ before }) => (before ? [before] : []));
      await versions.recordAll(sql, replaced, 'updated', author.actor);
      const appended = await outbox.appendAll(
        sql,
        changes.map(({ present, before }) => ({
          type: before ? 'vault.file.updated' : 'vault.file.created',
          subject: present.path,
          data: data(present, author, before?.hash),
          traceparent: author.traceparent ?? undefined,
        })),
      );
      const sequences = appended.map(({ sequence }) => sequence);
      await manifest.putAll(
        sql,
        changes.map(({ present }, index) => toEntry(present, sequences[index] ?? 0)),
      );
      return sequences;
    },

    /**
     * Files with another path, and maybe another content.
     *
     * @returns their new sequences and those of their former paths, in their order
     */
    async moved(
      sql: Transaction,
      moves: readonly Move[],
      author: Author,
    ): Promise<{ sequence: number; fromSequence: number }[]> {
      const before = moves.map((move) => move.before);
      await versions.recordAll(sql, before, 'moved', author.actor);
      const fromSequences: number[] = [];
      for (const { path } of before) fromSequences.push(await outbox.raiseSequence(sql, path));
      const appended = await outbox.appendAll(
        sql,
        moves.map(({ present, before: { path, hash } }, index) => ({
          type: 'vault.file.moved' as const,
          subject: present.path,
          data: {
            ...data(present, author, hash === present.hash ? undefined : hash),
            from: path,
            fromSequence: String(fromSequences[index]).padStart(20, '0'),
          },
          traceparent: author.traceparent ?? undefined,
        })),
      );
      await removeAll(sql, before);
      const sequences = appended.map(({ sequence }) => sequence);
      await manifest.putAll(
        sql,
        moves.map(({ present }, index) => toEntry(present, sequences[index] ?? 0)),
      );
      return sequences.map((sequence, index) => ({ sequence, fromSequence: fromSequences[index] ?? 0 }));
    },

    /**
     * Files that are gone.
     *
     * @returns their new sequences, in their order
     */
    async deleted(sql: Transaction, gone: readonly ManifestEntry[], author: Author): Promise<number[]> {
      await versions.recordAll(sql, gone, 'deleted', author.actor);
      const appended = await outbox.appendAll(
        sql,
        gone.map((before) => ({
          type: 'vault.file.deleted' as const,
          subject: before.path,
          data: data({ ...before, stat: before, description: { frontmatter: {}, linkKeys: '' } }, author),
          traceparent: author.traceparent ?? undefined,
        })),
      );
      await removeAll(sql, gone);
      return appended.map(({ sequence }) => sequence);
    },

    /** Two texts for one file, of which one is now beside it. */
    async conflict(sql: Transaction, path: string, hash: string, kept: Present, author: Author): Promise<void> {
      await outbox.append(sql, {
        type: 'vault.file.conflict',
        subject: path,
        data: { path, hash, conflictPath: kept.path, conflictHash: kept.hash, ...provenance(author) },
        traceparent: author.traceparent ?? undefined,
      });
    },

    /** The same contents in another state of the files: no event. */
    async touched(sql: Transaction, files: readonly { entry: ManifestEntry; present: Present }[]): Promise<void> {
      await manifest.putAll(
        sql,
        files.map(({ entry, present }) => toEntry(present, entry.sequence)),
      );
    },

    /** Keeps contents that are about to be needed as versions. */
    keep: (sql: Transaction, contents: readonly KeptContent[]) => versions.keepAll(sql, contents),
  };
}

export type Recording = ReturnType<typeof createRecording>;
