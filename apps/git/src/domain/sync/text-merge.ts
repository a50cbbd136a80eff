import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { makePrivateFolder, writePrivateFile } from '@weave-nn/config';
import type { Git } from '../program/git.ts';

/** How many conflicts there are, at most 127; 255 for what is no text. */
const answers = Array.from({ length: 255 }, (_, index) => index + 1);

/** @param folder where texts are for a moment; nobody else uses it */
export function createTextMerge(git: Git, folder: string) {
  return {
    /** Removes what a former process left. */
    clear() {
      rmSync(folder, { recursive: true, force: true });
    },

    /** Brings two changes of a text together; null where they touch the same lines, or it is no text. */
    async merge(base: Buffer, ours: Buffer, theirs: Buffer): Promise<Buffer | null> {
      makePrivateFolder(folder);
      const place = mkdtempSync(join(folder, 'merge-'));
      try {
        const files = Object.entries({ ours, base, theirs }).map(([name, bytes]) => {
          const file = join(place, name);
          writePrivateFile(file, bytes);
          return file;
        });
        const { code, stdout } = await git.read({ args: ['merge-file', '-p', '-q', ...files], answers });
        return code === 0 ? stdout : null;
      } finally {
        rmSync(place, { recursive: true, force: true });
      }
    },
  };
}

export type TextMerge = ReturnType<typeof createTextMerge>;
