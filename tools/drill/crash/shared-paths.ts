import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { type Api, encodePath } from '@weave-nn/testing';
import type { Random } from '../../generate/random.ts';
import { saveFile } from './editor.ts';
import { countRefused, type Tally } from './tally.ts';
import { hashOf, listFiles } from './world.ts';

const FOLDER = 'Shared';
const PATHS = 6;
const MAX_PAUSE_MS = 30;

interface SharedPath {
  path: string;
  /** The editor saves once, then not again before the API has written there. */
  editorsTurn: boolean;
  editorTexts: { text: string; how: string }[];
}

/**
 * Notes that a client and an editor both write, without asking. Either text may win; a text that the editor saved
 * must be the note, a conflict note beside it, or a version of it.
 */
export function createSharedPaths({ vault, random }: { vault: string; random: Random }) {
  const shared: SharedPath[] = Array.from({ length: PATHS }, (_, index) => ({
    path: `${FOLDER}/shared-${index}.md`,
    editorsTurn: true,
    editorTexts: [],
  }));
  let counter = 0;
  const text = (who: string) =>
    `# Shared\n\n${who} ${++counter}\n${'again and again '.repeat(random.integer(1, 500))}\n`;

  async function versionsOf(api: Api, path: string): Promise<Set<string>> {
    const hashes = new Set<string>();
    let cursor = '';
    do {
      const { json } = await api.call(`/v1/versions/${encodePath(path)}?limit=1000${cursor && `&cursor=${cursor}`}`);
      for (const { hash } of json.items) hashes.add(hash);
      cursor = json.nextCursor ?? '';
    } while (cursor !== '');
    return hashes;
  }

  return {
    async edit(tally: Tally, goesOn: () => boolean): Promise<void> {
      while (goesOn()) {
        const each = random.pick(shared);
        if (each.editorsTurn) {
          each.editorsTurn = false;
          const written = text('edited');
          const inPlace = random.chance(0.5);
          each.editorTexts.push({ text: written, how: inPlace ? 'in place' : 'by a rename' });
          tally.editorSaves++;
          saveFile(join(vault, each.path), written, inPlace);
        }
        await setTimeout(random.integer(0, MAX_PAUSE_MS));
      }
    },

    async put(api: Api, tally: Tally, goesOn: () => boolean): Promise<void> {
      while (goesOn()) {
        const each = random.pick(shared);
        tally.sent++;
        const turnBefore = each.editorsTurn;
        const answer = await api.put(each.path, text('sent')).catch(() => null);
        if (!answer) {
          tally.unanswered++;
          return;
        }
        if (answer.status >= 300) countRefused(tally, `shared:${answer.status} ${answer.json.code}`);
        else {
          tally.acknowledged++;
          if (!turnBefore) each.editorsTurn = true;
        }
      }
    },

    async check(api: Api, tally: Tally): Promise<void> {
      const present = new Set(listFiles(vault, FOLDER).map((path) => hashOf(readFileSync(join(vault, path), 'utf8'))));
      for (const each of shared) {
        const versions = await versionsOf(api, each.path);
        each.editorTexts = each.editorTexts.filter((saved) => {
          const hash = hashOf(saved.text);
          if (present.has(hash)) return true;
          if (!versions.has(hash)) {
            const name = saved.text.split('\n')[2];
            tally.lost.push(`${each.path}: the text "${name}" that the editor saved ${saved.how} is nowhere (${hash})`);
          }
          return false;
        });
      }
    },
  };
}

export type SharedPaths = ReturnType<typeof createSharedPaths>;
