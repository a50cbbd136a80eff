import { createHash } from 'node:crypto';
import type { BatchOperation, FileApi, FileState } from '@weave-nn/clients';
import { conflictName } from '@weave-nn/vault';
import type { Conflict } from '../../store/decisions.ts';
import type { IndexChange } from '../commit/private-index.ts';
import type { Contents } from '../history/contents.ts';
import { refusedByFiles } from '../restore.ts';
import type { TextMerge } from './text-merge.ts';

/** From which commit to which the vault is brought, and where what loses is written down. */
export interface Journey {
  before: string;
  after: string;
  /** When it was decided. */
  at: number;
  conflicts: readonly Conflict[];
  /** Writes a conflict down before anything of it is done, so that it is told of whatever happens. */
  note(conflict: Conflict): Promise<void>;
  /** Remembers that a file cannot be in the vault as it is, and why. */
  hold(path: string, reason: string): Promise<void>;
}

const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

function put(path: string, content: Buffer, present: string | null): BatchOperation {
  const condition = present === null ? { ifNoneMatch: '*' as const } : { ifMatch: `"${present}"` };
  return { op: 'put', path, content: content.toString('base64'), encoding: 'base64', ...condition };
}

/** The bytes of a note's text; undefined when it cannot be had whole as text. */
function textOf(state: FileState): Buffer | undefined {
  if (state.deleted || state.content === null) return undefined;
  const bytes = Buffer.from(state.content);
  return hashOf(bytes) === state.hash ? bytes : undefined;
}

/** Works out what a file of the vault needs, also when somebody has changed it since it was committed. */
export function createPlanFile(options: { contents: Contents; files: FileApi; texts: TextMerge }) {
  const { contents, files, texts } = options;

  /** Puts the other side's text beside the note; where it is noted already and there, nothing is left to do. */
  async function putBeside(path: string, wanted: Buffer, journey: Journey): Promise<BatchOperation[]> {
    const noted = journey.conflicts.find((conflict) => conflict.path === path)?.conflictPath;
    for (let attempt = 0; ; attempt++) {
      const name = noted ?? conflictName(path, new Date(journey.at), attempt);
      const [state] = await files.read([name]).catch((error) => {
        throw refusedByFiles(error);
      });
      if (state && !state.deleted && noted === undefined) continue;
      if (noted === undefined) await journey.note({ path, conflictPath: name });
      return state?.deleted ? [put(name, wanted, null)] : [];
    }
  }

  async function noteOnce(path: string, journey: Journey): Promise<void> {
    if (journey.conflicts.every((conflict) => conflict.path !== path)) await journey.note({ path, conflictPath: path });
  }

  /**
   * What is to become of a file between two commits. A change that is not committed yet is kept as in a merge: brought
   * together with the new text, or, where that cannot be, the new text is put beside it; where one side removed what
   * the other changed, the changed one stays.
   *
   * @returns the operations that a state of the file needs; `isHot` when it has changed too often to be met
   */
  return async ({ path, before, after }: IndexChange, journey: Journey): Promise<BringFile> => {
    const wanted = after ? await contents.bytes(journey.after, path) : null;
    const base = before ? await contents.bytes(journey.before, path) : null;
    return async (state, isHot = false) => {
      const present = state.deleted ? null : state.hash;
      if (present === (wanted && hashOf(wanted))) return [];
      if (present === (base && hashOf(base)) && !isHot) {
        return wanted
          ? [put(path, wanted, present)]
          : [{ op: 'delete', path, permanent: true, ifMatch: `"${present}"` }];
      }
      if (present === null || wanted === null) {
        await noteOnce(path, journey);
        return wanted ? [put(path, wanted, null)] : [];
      }
      const ours = base && !isHot ? textOf(state) : undefined;
      const merged = ours && base ? await texts.merge(base, ours, wanted) : null;
      if (!merged) return putBeside(path, wanted, journey);
      return hashOf(merged) === present ? [] : [put(path, merged, present)];
    };
  };
}

/** The operations that a state of one file needs. */
export type BringFile = (state: FileState, isHot?: boolean) => Promise<BatchOperation[]>;

export type PlanFile = ReturnType<typeof createPlanFile>;
