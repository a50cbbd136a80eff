import type { EventData, Outbox } from '@weave-nn/events';
import { collisionKey } from '@weave-nn/vault';
import type { ManifestEntry, ManifestStore } from '../store/manifest.ts';
import type { Transaction } from '../store/transaction.ts';
import type { KeptContent, VersionStore } from '../store/versions.ts';
import type { Description } from './content.ts';
import type { FileStat } from './vault-folder.ts';
import type { Author } from './write-group.ts';

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

  return {
    /**
     * Files that were not there, or had another content, each of another path.
     *
     * @returns their new sequences, in their order
     */
    async changed(sql: Transaction, changes: readonly Change[], author: Author): Promise<number[]> {
      for (const { present, before } of changes) {
        if (before) await versions.record(sql, present.path, before.hash, 'updated', author.actor);
      }
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

    /** A file with another path, and maybe another content. */
    async moved(sql: Transaction, present: Present, before: ManifestEntry, author: Author): Promise<number> {
      await versions.record(sql, before.path, before.hash, 'moved', author.actor);
      const fromSequence = await outbox.raiseSequence(sql, before.path);
      const previousHash = before.hash === present.hash ? undefined : before.hash;
      const { sequence } = await outbox.append(sql, {
        type: 'vault.file.moved',
        subject: present.path,
        data: {
          ...data(present, author, previousHash),
          from: before.path,
          fromSequence: String(fromSequence).padStart(20, '0'),
        },
        traceparent: author.traceparent ?? undefined,
      });
      await manifest.remove(sql, before.path);
      await manifest.putAll(sql, [toEntry(present, sequence)]);
      return sequence;
    },

    /** A file that is gone. */
    async deleted(sql: Transaction, before: ManifestEntry, author: Author): Promise<number> {
      await versions.record(sql, before.path, before.hash, 'deleted', author.actor);
      const { sequence } = await outbox.append(sql, {
        type: 'vault.file.deleted',
        subject: before.path,
        data: data({ ...before, stat: before, description: { frontmatter: {}, linkKeys: '' } }, author),
        traceparent: author.traceparent ?? undefined,
      });
      await manifest.remove(sql, before.path);
      return sequence;
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
    async touched(sql: Transaction, files: readonly { entry: ManifestEntry; stat: FileStat }[]): Promise<void> {
      await manifest.putAll(
        sql,
        files.map(({ entry, stat }) => ({ ...entry, ...stat })),
      );
    },

    /** Keeps a content that is about to be needed as a version. */
    keep: (sql: Transaction, content: KeptContent) => versions.keep(sql, content),
  };
}

export type Recording = ReturnType<typeof createRecording>;
