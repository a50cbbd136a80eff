import type { BatchOperation, FileApi, FileState } from '@weave-nn/clients';
import { isGitError } from '../../errors.ts';
import type { IndexChange } from '../commit/private-index.ts';
import { refusedByFiles } from '../restore.ts';
import type { BringFile, Journey, PlanFile } from './bring-file.ts';

const MAX_OPERATIONS = 500;
/** A file that is another at each of so many looks is not waited for any more. */
const MAX_ATTEMPTS = 20;
const MAX_BYTES = 32 * 1024 * 1024;
/** A file is not as it was when the operations were worked out. */
const CHANGED: ReadonlySet<string | undefined> = new Set(['precondition-failed', 'file-not-found']);

/** A file of which it is known what is to become of it. */
interface Planned {
  path: string;
  bring: BringFile;
}

/** Brings notes from one commit to another through the file service, as ordinary changes. */
export function createBringNotes({ files, planFile }: { files: FileApi; planFile: PlanFile }) {
  /** @returns whether every file still was as it was when the operations were worked out */
  async function apply(operations: readonly BatchOperation[]): Promise<boolean> {
    try {
      if (operations.length > 0) await files.change(operations, 'git');
      return true;
    } catch (error) {
      if (CHANGED.has((error as { code?: string }).code)) return false;
      throw refusedByFiles(error);
    }
  }

  async function readStates(paths: readonly string[]): Promise<FileState[]> {
    return files.read(paths).catch((error) => {
      throw refusedByFiles(error);
    });
  }

  /** Brings one file that others keep changing; one that is never met comes beside it. */
  async function bringMet({ path, bring }: Planned): Promise<void> {
    for (let tries = 1; ; tries++) {
      const [state] = await readStates([path]);
      if (await apply(await bring(state as FileState, tries > MAX_ATTEMPTS))) return;
    }
  }

  /** Brings one file; one that the file service refuses is held back, and the others go on. */
  async function bringOne(planned: Planned, journey: Journey): Promise<void> {
    try {
      await bringMet(planned);
    } catch (error) {
      if (!isGitError(error, 'file-refused')) throw error;
      await journey.hold(planned.path, error.message);
    }
  }

  /** All of these files at once, or, when one was changed meanwhile or is refused, one after another. */
  async function bringTogether(
    planned: readonly Planned[],
    operations: readonly BatchOperation[],
    journey: Journey,
  ): Promise<void> {
    const isDone = await apply(operations).catch((error) => {
      if (!isGitError(error, 'file-refused')) throw error;
      return false;
    });
    if (isDone) return;
    for (const each of planned) await bringOne(each, journey);
  }

  /** The states of files; undefined where one of them is refused. */
  async function statesOf(changes: readonly IndexChange[]): Promise<FileState[] | undefined> {
    return readStates(changes.map(({ path }) => path)).catch((error) => {
      if (!isGitError(error, 'file-refused')) throw error;
      return undefined;
    });
  }

  return async (changes: readonly IndexChange[], journey: Journey): Promise<void> => {
    let together: Planned[] = [];
    let operations: BatchOperation[] = [];
    let size = 0;
    for (let at = 0; at < changes.length; at += MAX_OPERATIONS) {
      const part = changes.slice(at, at + MAX_OPERATIONS);
      const states = await statesOf(part);
      for (const [position, change] of part.entries()) {
        const planned = { path: change.path, bring: await planFile(change, journey) };
        if (!states) {
          await bringOne(planned, journey);
          continue;
        }
        const needed = await planned.bring(states[position] as FileState);
        for (const operation of needed) size += 'content' in operation ? operation.content.length : 0;
        together.push(planned);
        operations.push(...needed);
        if (size < MAX_BYTES && operations.length < MAX_OPERATIONS) continue;
        await bringTogether(together, operations, journey);
        [together, operations, size] = [[], [], 0];
      }
    }
    await bringTogether(together, operations, journey);
  };
}

export type BringNotes = ReturnType<typeof createBringNotes>;
