import { baseName, folderOf } from '@weave-nn/vault';

/** `YYYYMMDDHHMM`, in UTC. */
const stampOf = (at: number) => new Date(at).toISOString().replaceAll(/[-:T]/g, '').slice(0, 12);

/**
 * Where the other text of a conflict is kept, as Obsidian Sync names it: `Note (Conflicted copy laptop 202611241230).md`.
 *
 * @param from whose text it is
 * @param isTaken whether there is such a file already
 */
export function conflictName(path: string, from: string, at: number, isTaken: (path: string) => boolean): string {
  const name = baseName(path);
  const dot = name.lastIndexOf('.');
  const stem = dot > 0 ? name.slice(0, dot) : name;
  const ending = dot > 0 ? name.slice(dot) : '';
  const folder = folderOf(path);
  const device = from.replaceAll(/[/\\:*?"<>|#^[\]]+/g, '-');
  for (let count = 1; ; count++) {
    const mark = `Conflicted copy ${device} ${stampOf(at)}${count === 1 ? '' : ` ${count}`}`;
    const candidate = `${folder === '' ? '' : `${folder}/`}${stem} (${mark})${ending}`;
    if (!isTaken(candidate)) return candidate;
  }
}
