import { type Static, Type } from '@weave-nn/config';
import { Page, PageQuery } from '../page.ts';

const closed = { additionalProperties: false };
const Nullable = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) =>
  Type.Union([schema, Type.Null()]);

export const FileItem = Type.Object({
  path: Type.String(),
  size: Type.Integer({ description: 'bytes' }),
  mtime: Type.String({ format: 'date-time' }),
  etag: Type.String(),
  contentType: Type.String(),
});
export const FilePage = Page(FileItem);

export const ListFilesQuery = Type.Object(
  {
    folder: Type.Optional(Type.String({ description: 'only what is in this folder or below it' })),
    glob: Type.Optional(
      Type.String({
        description: 'from the root of the vault: `Projects/**/*.md`, with `*`, `**`, `?`, `[a-z]` and `{a,b}`',
        maxLength: 1024,
      }),
    ),
    ...PageQuery,
  },
  closed,
);

export const Span = { start: Type.Integer(), end: Type.Integer(), line: Type.Integer() };

/** A note with what was found in it. Offsets count UTF-16 units of `content`. */
export const Note = Type.Object({
  path: Type.String(),
  content: Type.String(),
  size: Type.Integer(),
  mtime: Type.String({ format: 'date-time' }),
  etag: Type.String(),
  frontmatter: Type.Record(Type.String(), Type.Unknown()),
  tags: Type.Array(Type.String()),
  links: Type.Array(
    Type.Object({
      ...Span,
      kind: Type.String(),
      embed: Type.Boolean(),
      target: Type.String(),
      subpath: Type.String(),
      alias: Nullable(Type.String()),
      external: Type.Boolean(),
    }),
  ),
  headings: Type.Array(Type.Object({ ...Span, level: Type.Integer(), text: Type.String() })),
  blocks: Type.Array(Type.Object({ ...Span, id: Type.String() })),
  warnings: Type.Array(Type.String()),
});

export const ChangeQuery = Type.Object({ dryRun: Type.Optional(Type.Boolean()) }, closed);
export const DeleteQuery = Type.Object(
  { dryRun: Type.Optional(Type.Boolean()), permanent: Type.Optional(Type.Boolean()) },
  closed,
);

/** A file after a change. */
export const ChangedFile = Type.Object({
  path: Type.String(),
  change: Type.Unsafe<'created' | 'updated' | 'moved' | 'deleted' | 'unchanged'>({
    type: 'string',
    enum: ['created', 'updated', 'moved', 'deleted', 'unchanged'],
  }),
  from: Type.Optional(Type.String()),
  etag: Nullable(Type.String()),
  size: Nullable(Type.Integer()),
  sequence: Type.Integer({ description: 'what to wait for before reading it from search or graph' }),
  fromSequence: Type.Optional(
    Type.Integer({ description: 'of a moved file: what to wait for until search and graph have it no more at `from`' }),
  ),
});

/** A link that a move leaves as it is although it leads elsewhere now. */
export const LeftLink = Type.Object({
  path: Type.String({ description: 'the file that the link is in, where it is now' }),
  line: Nullable(Type.Integer({ description: 'null when the file could not be read' })),
  link: Nullable(Type.String({ description: 'the link as it is written; null when the file could not be read' })),
  target: Nullable(Type.String({ description: 'the file that it meant, where that is now' })),
  reason: Type.String(),
});

const linksLeft = Type.Optional(
  Type.Array(LeftLink, { description: 'links that a move could not rewrite; left out when there is none' }),
);

/** What a change did. */
export const ChangeResult = Type.Object({ changed: Type.Array(ChangedFile), linksLeft });

/** What a change would do: one unified diff a file. */
export const DryRunResult = Type.Object({
  dryRun: Type.Literal(true),
  changes: Type.Array(
    Type.Object({
      path: Type.String(),
      from: Type.Optional(Type.String()),
      change: ChangedFile.properties.change,
      diff: Type.String({ description: 'unified diff; empty when the content stays or is not text' }),
    }),
  ),
  linksLeft,
});

export const MoveRequest = Type.Object(
  { from: Type.String(), to: Type.String(), ifMatch: Type.Optional(Type.String()) },
  closed,
);

export const EditTarget = Type.Union([
  Type.Object(
    {
      heading: Type.Union([Type.String(), Type.Array(Type.String(), { minItems: 1 })], {
        description: 'its text, or the texts from the outermost heading to it',
      }),
      index: Type.Optional(
        Type.Integer({ minimum: 1, maximum: 100_000, description: 'which of several with the same path, from 1' }),
      ),
    },
    closed,
  ),
  Type.Object({ block: Type.String() }, closed),
  Type.Object({ frontmatter: Type.String() }, closed),
]);

/** An edit of one heading's section, one block or one frontmatter key. */
export const EditRequest = Type.Object(
  {
    target: EditTarget,
    operation: Type.Unsafe<'append' | 'prepend' | 'replace' | 'remove'>({
      type: 'string',
      enum: ['append', 'prepend', 'replace', 'remove'],
    }),
    content: Type.Optional(Type.Unknown({ description: 'text; for frontmatter any JSON value' })),
    createIfMissing: Type.Optional(Type.Boolean()),
  },
  closed,
);

const ifMatch = Type.Optional(Type.String({ description: 'the ETag the file must have' }));

export const BatchOperation = Type.Union([
  Type.Object(
    {
      op: Type.Literal('put'),
      path: Type.String(),
      content: Type.String(),
      encoding: Type.Optional(Type.Unsafe<'utf8' | 'base64'>({ type: 'string', enum: ['utf8', 'base64'] })),
      ifMatch,
      ifNoneMatch: Type.Optional(Type.Literal('*')),
    },
    closed,
  ),
  Type.Object({ op: Type.Literal('append'), path: Type.String(), content: Type.String(), ifMatch }, closed),
  Type.Object({ op: Type.Literal('edit'), path: Type.String(), edit: EditRequest, ifMatch }, closed),
  Type.Object(
    { op: Type.Literal('delete'), path: Type.String(), permanent: Type.Optional(Type.Boolean()), ifMatch },
    closed,
  ),
  Type.Object({ op: Type.Literal('move'), from: Type.String(), to: Type.String(), ifMatch }, closed),
]);

export const BatchRequest = Type.Object(
  { operations: Type.Array(BatchOperation, { minItems: 1, maxItems: 1000 }) },
  closed,
);

/** A content that was replaced or deleted and is still kept. */
export const Version = Type.Object({
  hash: Type.String(),
  size: Type.Integer(),
  replacedAt: Type.String({ format: 'date-time' }),
  change: Type.String({ description: 'what replaced it: updated, deleted, moved' }),
  actor: Type.String(),
});
export const VersionPage = Page(Version);
export const RestoreRequest = Type.Object(
  { path: Type.String(), hash: Type.String({ pattern: '^[0-9a-f]{64}$' }) },
  closed,
);

/** A batch that another service makes on somebody's behalf. */
export const ApplyRequest = Type.Object(
  {
    ...BatchRequest.properties,
    origin: Type.Unsafe<'api' | 'agent' | 'git' | 'import'>({
      type: 'string',
      enum: ['api', 'agent', 'git', 'import'],
    }),
    dryRun: Type.Optional(Type.Boolean()),
  },
  closed,
);

/** A file as consumers read it: bytes, hash and sequence of one moment. */
export const FileState = Type.Union([
  Type.Object({
    path: Type.String(),
    deleted: Type.Literal(false),
    sequence: Type.Integer(),
    hash: Type.String(),
    size: Type.Integer(),
    mtime: Type.String(),
    content: Nullable(
      Type.String({ description: 'text of a note, canvas or base, up to 5 MiB of it; null for other files' }),
    ),
    warning: Nullable(Type.String()),
  }),
  Type.Object({ path: Type.String(), deleted: Type.Literal(true), sequence: Type.Integer() }),
]);

export const ReadStatesRequest = Type.Object({ paths: Type.Array(Type.String(), { maxItems: 1000 }) }, closed);
export const ReadStatesAnswer = Type.Object({ states: Type.Array(FileState) });

/** One row of the manifest, without content. */
export const ManifestItem = Type.Object({ path: Type.String(), hash: Type.String(), sequence: Type.Integer() });
export const ManifestPage = Page(ManifestItem);
export const ManifestQuery = Type.Object(PageQuery, closed);

/** How far the file service is with telling. */
export const FileStatus = Type.Object({
  files: Type.Integer({ description: 'files in the vault, as far as it has been compared' }),
  unsent: Type.Integer({ description: 'events that are recorded and not yet with the broker' }),
  comparing: Type.Boolean({ description: 'true until what changed while nothing ran is found' }),
});

/** What one side has that another lacks or has otherwise. */
export const Disagreement = Type.Object({ subject: Type.String(), problem: Type.String() });
export const Verification = Type.Object({
  checks: Type.Array(
    Type.Object({
      name: Type.String(),
      checked: Type.Integer(),
      disagreements: Type.Array(Disagreement),
    }),
  ),
  excluded: Type.Optional(
    Type.Array(Type.Object({ path: Type.String(), reason: Type.String() }), {
      description: 'names in the folder that cannot be part of the vault, escaped',
    }),
  ),
});

export type FileState = Static<typeof FileState>;
export type ManifestItem = Static<typeof ManifestItem>;
export type Note = Static<typeof Note>;
export type FileStatus = Static<typeof FileStatus>;
export type Verification = Static<typeof Verification>;
export type EditRequest = Static<typeof EditRequest>;
export type BatchOperation = Static<typeof BatchOperation>;
export type ChangedFile = Static<typeof ChangedFile>;
export type ChangeResult = Static<typeof ChangeResult>;
export type LeftLink = Static<typeof LeftLink>;
export type DryRunResult = Static<typeof DryRunResult>;
export type ApplyRequest = Static<typeof ApplyRequest>;
