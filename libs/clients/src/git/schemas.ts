import { type Static, Type } from '@weave-nn/config';
import { Page, PageQuery } from '../page.ts';

const closed = { additionalProperties: false };
const Time = Type.String({ format: 'date-time' });
const TextOrNull = (description: string) => Type.Union([Type.String(), Type.Null()], { description });
const Sha = Type.String({ description: 'the full name of a commit' });
const Word = <const Words extends readonly string[]>(words: Words) =>
  Type.Unsafe<Words[number]>({ type: 'string', enum: words });

/** A commit as others name it: an abbreviated or full sha, or one of the last of the branch. */
export const Revision = (description: string) =>
  Type.String({ pattern: '^(HEAD|[0-9a-fA-F]{4,64})(~\\d{1,6})?$', description });

const FileChangeKind = Word(['added', 'modified', 'deleted', 'renamed']);

/** A commit of the vault's history. */
export const Commit = Type.Object({
  sha: Sha,
  parents: Type.Array(Type.String()),
  subject: Type.String({ description: 'the first line of its message' }),
  body: Type.String({ description: 'the rest of its message' }),
  author: Type.Object({ name: Type.String(), email: Type.String() }),
  authoredAt: Time,
  committedAt: Time,
});

/** A commit in the history of one file, and what it did to it. */
export const HistoryItem = Type.Object({
  ...Commit.properties,
  path: TextOrNull('the path the file had after it; null in the history of the vault or of a folder'),
  from: TextOrNull('the path before, when it was renamed'),
  change: Type.Union([FileChangeKind, Type.Null()]),
});
export const HistoryPage = Page(HistoryItem);
export const HistoryQuery = Type.Object(
  {
    path: Type.Optional(Type.String({ description: 'only of this file, whatever it was called, or of this folder' })),
    ...PageQuery,
  },
  closed,
);

export const CommitFile = Type.Object({
  path: Type.String(),
  from: TextOrNull('the path before, when it was renamed'),
  change: FileChangeKind,
  additions: Type.Union([Type.Integer(), Type.Null()], { description: 'lines; null when it is no text' }),
  deletions: Type.Union([Type.Integer(), Type.Null()]),
});
export const CommitDetails = Type.Object({
  ...Commit.properties,
  events: Type.Array(Type.String(), { description: 'the ids of the events that it records' }),
  files: Type.Array(CommitFile),
  truncated: Type.Boolean({ description: 'true when it changed more files than are listed' }),
});

/** A part of a line that stayed, went or came. */
const DiffWord = Type.Object({ kind: Word(['same', 'removed', 'added']), text: Type.String() });
const DiffLine = Type.Object({
  kind: Word(['context', 'removed', 'added']),
  oldLine: Type.Union([Type.Integer(), Type.Null()]),
  newLine: Type.Union([Type.Integer(), Type.Null()]),
  text: Type.String(),
  words: Type.Optional(Type.Array(DiffWord, { description: 'where the line replaces, or is replaced by, another' })),
});
export const DiffFile = Type.Object({
  path: Type.String(),
  from: TextOrNull('the path before, when it was renamed'),
  change: FileChangeKind,
  binary: Type.Boolean(),
  tooLarge: Type.Boolean({ description: 'true when the difference is left out for its size' }),
  unified: Type.String(),
  hunks: Type.Array(
    Type.Object({
      oldStart: Type.Integer(),
      oldLines: Type.Integer(),
      newStart: Type.Integer(),
      newLines: Type.Integer(),
      lines: Type.Array(DiffLine),
    }),
  ),
});
export const DiffResult = Type.Object({ from: TextOrNull('null for nothing'), to: Sha, ...Page(DiffFile).properties });
export const DiffQuery = Type.Object(
  {
    from: Type.Optional(Revision('the parent of `to` when left out')),
    to: Type.Optional(Revision('the newest commit when left out')),
    path: Type.Optional(Type.String({ description: 'only this file, or what is below this folder' })),
    context: Type.Optional(Type.Integer({ minimum: 0, maximum: 1000, default: 3 })),
    ...PageQuery,
  },
  closed,
);

export const AtQuery = Type.Object({ at: Type.Optional(Revision('the newest commit when left out')) }, closed);

/** A paragraph, and who last changed it. */
export const BlamedParagraph = Type.Object({
  startLine: Type.Integer(),
  endLine: Type.Integer(),
  text: Type.String(),
  sha: Type.String({ description: 'the newest commit that changed one of its lines' }),
  author: Type.Object({ name: Type.String(), email: Type.String() }),
  authoredAt: Time,
  subject: Type.String(),
  path: Type.String({ description: 'the path that the file had in that commit' }),
  commits: Type.Array(Type.String(), { description: 'every commit that a line of it comes from' }),
});
export const Blame = Type.Object({ path: Type.String(), sha: Sha, paragraphs: Type.Array(BlamedParagraph) });

export const CommitRequest = Type.Object(
  {
    message: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 10_000,
        // Something that can be seen, and nothing that git refuses.
        pattern: '^[^\\u0000]*[^\\s\\u0000][^\\u0000]*$',
        description: 'says what changed when left out',
      }),
    ),
  },
  closed,
);
/** A commit that was made of changes to the vault. */
export const MadeCommit = Type.Object({
  sha: Sha,
  message: Type.String(),
  author: Type.String(),
  paths: Type.Array(Type.String()),
});
/** A change that a rule of `.weave/validation.yml` speaks against, or that git could not take (the rule `git`). */
export const Finding = Type.Object({
  path: Type.String(),
  rule: Type.String(),
  level: Word(['warn', 'block']),
  reason: Type.String(),
  since: Time,
});
export const CommitAnswer = Type.Object({ commits: Type.Array(MadeCommit), blocked: Type.Array(Finding) });

export const GitRestoreRequest = Type.Object(
  {
    path: Type.String({ description: 'a file or folder' }),
    sha: Revision('the commit in which it is as wanted'),
    removeOthers: Type.Optional(
      Type.Boolean({ description: 'move what a folder has and had not to the trash', default: false }),
    ),
  },
  closed,
);

/** A conflict of a synchronisation: both texts are kept. */
export const SyncConflict = Type.Object({ path: Type.String(), conflictPath: Type.String() });
export const SyncAnswer = Type.Object({
  state: Word(['up-to-date', 'synchronised', 'queued']),
  reason: TextOrNull('why it is queued'),
  pulled: Type.Array(Type.String(), { description: 'files that the remote changed' }),
  pushed: Type.Boolean(),
  conflicts: Type.Array(SyncConflict),
  head: TextOrNull('the newest commit'),
});

/** What stands in the way, and what to do. */
export const GitProblem = Type.Object({ code: Type.String(), detail: Type.String() });

/** How the history is. */
export const GitStatus = Type.Object({
  state: Word(['ready', 'waiting', 'off', 'unavailable']),
  problem: Type.Union([GitProblem, Type.Null()], { description: 'why nothing is committed' }),
  autoCommit: Type.Boolean(),
  git: TextOrNull('the version of the program'),
  branch: TextOrNull('null while none is checked out'),
  head: TextOrNull('the newest commit'),
  pending: Type.Object({
    waiting: Type.Union([Type.Integer(), Type.Null()], {
      description: 'events that are not taken yet; null while the broker does not say',
    }),
    changes: Type.Integer({ description: 'changes that are not committed yet' }),
    paths: Type.Array(Type.String(), { description: 'the first hundred' }),
    since: Type.Union([Time, Type.Null()]),
  }),
  findings: Type.Array(Finding),
  lastCommit: Type.Union([Type.Object({ sha: Type.String(), at: Time }), Type.Null()]),
  hooks: Type.Object({
    found: Type.Array(Type.String(), { description: 'the hooks that the repository has for commits' }),
    run: Type.Boolean({ description: 'whether they are run' }),
  }),
  signing: Type.Object({
    wanted: Type.Boolean({ description: 'whether the repository asks for signed commits' }),
    signed: Type.Boolean({ description: 'whether commits are signed' }),
  }),
  remote: Type.Union([
    Type.Object({
      name: Type.String(),
      mode: Word(['merge', 'rebase']),
      state: Word(['never', 'synchronised', 'queued']),
      at: Type.Union([Time, Type.Null()], { description: 'when it last succeeded' }),
      problem: Type.Union([GitProblem, Type.Null()]),
    }),
    Type.Null(),
  ]),
});

export type Commit = Static<typeof Commit>;
export type HistoryItem = Static<typeof HistoryItem>;
export type CommitFile = Static<typeof CommitFile>;
export type CommitDetails = Static<typeof CommitDetails>;
export type DiffFile = Static<typeof DiffFile>;
export type BlamedParagraph = Static<typeof BlamedParagraph>;
export type MadeCommit = Static<typeof MadeCommit>;
export type Finding = Static<typeof Finding>;
export type CommitAnswer = Static<typeof CommitAnswer>;
export type SyncAnswer = Static<typeof SyncAnswer>;
export type SyncConflict = Static<typeof SyncConflict>;
export type GitProblem = Static<typeof GitProblem>;
export type GitStatus = Static<typeof GitStatus>;
