import { Type } from '@weave-nn/config';
import { Provenance } from './provenance.ts';

export const Origin = Type.Unsafe<'api' | 'watcher' | 'agent' | 'git' | 'import'>({
  type: 'string',
  enum: ['api', 'watcher', 'agent', 'git', 'import'],
});

const FileChange = Type.Object({
  ...Provenance.properties,
  vaultId: Type.String(),
  path: Type.String(),
  hash: Type.String({ description: 'SHA-256 of the content in hex; of the last content for a deleted file' }),
  previousHash: Type.Optional(Type.String()),
  size: Type.Integer(),
  mtime: Type.String({ description: 'ISO 8601' }),
  frontmatter: Type.Record(Type.String(), Type.Unknown()),
  origin: Origin,
});

const FileMove = Type.Object({
  ...FileChange.properties,
  from: Type.String({ description: 'the path before the move' }),
  fromSequence: Type.String({ description: 'the sequence of the old path, raised by its leaving' }),
});

const FileConflict = Type.Object({
  ...Provenance.properties,
  path: Type.String(),
  conflictPath: Type.String({ description: 'where the other text was kept' }),
  hash: Type.String(),
  conflictHash: Type.String(),
});

export const fileEvents = {
  'vault.file.created': FileChange,
  'vault.file.updated': FileChange,
  'vault.file.deleted': FileChange,
  'vault.file.moved': FileMove,
  'vault.file.conflict': FileConflict,
};
