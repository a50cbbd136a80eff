import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Random } from '../../generate/random.ts';
import type { Tally } from './tally.ts';

const MAX_PAUSE_MS = 12;

/** Saves a file as editors do: in place, or by writing another and giving it the name. */
export function saveFile(file: string, text: string, inPlace: boolean): void {
  mkdirSync(dirname(file), { recursive: true });
  if (inPlace) {
    writeFileSync(file, text);
    return;
  }
  const other = join(dirname(file), `.save-${process.pid}.tmp`);
  writeFileSync(other, text);
  renameSync(other, file);
}

/** Somebody who edits files of their own in the folder, whether the process runs or not. */
export function createEditor({ vault, paths, random }: { vault: string; paths: readonly string[]; random: Random }) {
  const saved = new Map<string, string>();
  let counter = 0;

  function change(tally: Tally) {
    const path = random.pick(paths);
    const known = saved.get(path);
    tally.editorSaves++;
    if (known !== undefined && random.chance(0.1)) {
      rmSync(join(vault, path));
      saved.delete(path);
      return;
    }
    if (known !== undefined && random.chance(0.1)) {
      const other = path.replace(/(-moved-\d+)?\.md$/, `-moved-${++counter}.md`);
      renameSync(join(vault, path), join(vault, other));
      saved.delete(path);
      saved.set(other, known);
      return;
    }
    const text = `# Edited ${++counter}\n\n${'by hand '.repeat(random.integer(1, 200))}\n`;
    saveFile(join(vault, path), text, random.chance(0.5));
    saved.set(path, text);
  }

  return {
    async work(tally: Tally, goesOn: () => boolean): Promise<void> {
      while (goesOn()) {
        change(tally);
        await setTimeout(random.integer(0, MAX_PAUSE_MS));
      }
    },

    /** Nobody else writes these files, so they must be as they were saved. */
    check(tally: Tally): void {
      for (const [path, text] of saved) {
        if (readFileSync(join(vault, path), 'utf8') !== text) tally.lost.push(`the editor's ${path} is otherwise`);
      }
    },
  };
}

export type Editor = ReturnType<typeof createEditor>;
