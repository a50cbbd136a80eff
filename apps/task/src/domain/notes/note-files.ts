import { hash } from 'node:crypto';
import { type ChangedFile, ClientError, type FileApi, type FileState } from '@weave-nn/clients';
import { isHiddenPath, isNote, normaliseVaultPath } from '@weave-nn/vault';
import { findNoteTasks, type TaskStatusTypes } from '@weave-nn/vault/tasks';
import { TaskError } from '../../errors.ts';
import type { NoteState } from './found-task.ts';

/** A note with its text. */
export interface NoteText extends NoteState {
  /** Undefined when there is no such note. */
  content: string | undefined;
  /** Why its text must not be written back; null when it may. */
  refusal: string | null;
}

/** What a note is to become. */
export interface NoteWrite {
  path: string;
  content: string;
  /** The hash of what is there; undefined when nothing may be there. */
  before: string | undefined;
}

/**
 * The path of a note as it is kept.
 *
 * @throws VaultError `path-outside-vault`, TaskError `path-hidden`, `not-a-note`
 */
export function notePath(path: string): string {
  const normal = normaliseVaultPath(path);
  if (isHiddenPath(normal)) throw new TaskError('path-hidden', `${path} is hidden; tasks live in notes that are not`);
  if (!isNote(normal)) throw new TaskError('not-a-note', `${path} is no markdown note; tasks live in files named .md`);
  return normal;
}

/** The hash of a note's text as the file service has it. */
export function hashOf(content: string): string {
  return hash('sha256', content);
}

/** Notes through the file service. */
export function createNoteFiles(files: Pick<FileApi, 'read' | 'change'>, statuses: TaskStatusTypes) {
  /** What is read of a note that is too large or not there. */
  function toState(state: FileState): NoteText {
    const { path, sequence } = state;
    if (state.deleted) return { path, sequence, hash: '', tasks: [], content: undefined, refusal: null };
    const { hash: found, content, warning } = state;
    return {
      path,
      sequence,
      hash: found,
      tasks: content === null ? [] : findNoteTasks(content, statuses),
      content: content ?? '',
      refusal: content === null ? `${path} cannot be read as a note` : warning,
    };
  }

  return {
    tasksOf: (content: string) => findNoteTasks(content, statuses),

    /** @throws ClientError when the file service is away */
    async read(paths: readonly string[]): Promise<NoteText[]> {
      const notes = paths.filter(isNote);
      return notes.length === 0 ? [] : (await files.read(notes)).map(toState);
    },

    /**
     * Writes notes, all or none.
     *
     * @returns what changed; undefined when one of them is not what it was any more
     * @throws TaskError `note-refused`, `file-service-unavailable`
     */
    async write(writes: readonly NoteWrite[]): Promise<ChangedFile[] | undefined> {
      try {
        return await files.change(
          writes.map(({ path, content, before }) => ({
            op: 'put',
            path,
            content,
            ...(before === undefined ? { ifNoneMatch: '*' as const } : { ifMatch: `"${before}"` }),
          })),
        );
      } catch (error) {
        if (error instanceof ClientError && error.code === 'precondition-failed') return undefined;
        throw fromFiles(error);
      }
    },
  };
}

const PATH_CODES = ['path-outside-vault', 'path-is-symlink', 'path-hidden', 'path-refused'] as const;

/** The typed error for what the file service said. */
export function fromFiles(error: unknown): unknown {
  if (!(error instanceof ClientError)) return error;
  const wrongPath = PATH_CODES.find((code) => code === error.code);
  if (wrongPath) return new TaskError(wrongPath, error.message, { cause: error });
  if (error.status >= 500) {
    const message = `the notes cannot be reached: ${error.message}; try again`;
    return new TaskError('file-service-unavailable', message, { cause: error });
  }
  return new TaskError('note-refused', `the note could not be written: ${error.message}`, { cause: error });
}

export type NoteFiles = ReturnType<typeof createNoteFiles>;
