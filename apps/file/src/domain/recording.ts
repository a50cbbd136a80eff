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

  async function put(sql: Transaction, present: Present, sequence: number) {
    const { path, hash, stat, description } = present;
    const entry: ManifestEntry = {
      path,
      collisionKey: collisionKey(path),
      hash,
      ...stat,
      sequence,
      linkKeys: description.linkKeys,
    };
    await manifest.put(sql, entry);
  }

  return {
    /** A file that was not there, or had another content. */
    async changed(
      sql: Transaction,
      present: Present,
      before: ManifestEntry | undefined,
      author: Author,
    ): Promise<number> {
      if (before) await versions.record(sql, present.path, before.hash, 'updated', author.actor);
      const { sequence } = await outbox.append(sql, {
        type: before ? 'vault.file.updated' : 'vault.file.created',
        subject: present.path,
        data: data(present, author, before?.hash),
        traceparent: author.traceparent ?? undefined,
      });
      await put(sql, present, sequence);
      return sequence;
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
      await put(sql, present, sequence);
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

    /** The same content in another state of the file: no event. */
    async touched(sql: Transaction, before: ManifestEntry, stat: FileStat): Promise<void> {
      await manifest.put(sql, { ...before, ...stat });
    },

    /** Keeps a content that is about to be needed as a version. */
    keep: (sql: Transaction, content: KeptContent) => versions.keep(sql, content),
  };
}

export type Recording = ReturnType<typeof createRecording>;
