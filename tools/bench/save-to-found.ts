import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { saveFile } from '../drill/crash/editor.ts';
import { startWeave } from '../drill/weave-process.ts';
import { writeNote } from '../generate/note.ts';
import type { Figure } from './figure.ts';
import { createHttpClient } from './http-client.ts';
import { quantile, showSpread } from './statistics.ts';

const SAVES = 200;
const POLL_INTERVAL_MS = 2;
const WANTED = 300;

/** From an editor's save, in place or by a rename, to being found by search. */
export const saveToFound: Figure = async (bench) => {
  const folders = await bench.indexed();
  const weave = await startWeave(folders);
  await weave.ready();
  await weave.settled();
  const client = createHttpClient(weave.url);
  const { plan } = bench.generated;
  const times: { ms: number; inPlace: boolean }[] = [];
  for (let save = 0; save < SAVES; save++) {
    const token = `saved${process.pid}x${save}`;
    const index = (save * 37) % plan.notes.length;
    const inPlace = save % 2 === 0;
    const text = `${writeNote(plan, index)}\n${token}\n`;
    const started = performance.now();
    saveFile(join(folders.vault, plan.notes[index]?.path ?? ''), text, inPlace);
    for (;;) {
      const { body } = await client.send('GET', `/v1/search?limit=1&q=${token}`);
      if (JSON.parse(body).items.length > 0) break;
      await setTimeout(POLL_INTERVAL_MS);
    }
    times.push({ ms: performance.now() - started, inPlace });
  }
  client.close();
  await weave.stop();
  const all = times.map(({ ms }) => ms);
  const those = (how: boolean) => times.filter(({ inPlace }) => inPlace === how).map(({ ms }) => ms);
  return [
    {
      name: 'save to found',
      ours: showSpread(all),
      baseline: 'none: nothing simple does this',
      ratio: null,
      wanted: `p99 < ${WANTED} ms`,
      ok: quantile(all, 0.99) < WANTED,
      notes: [`in place: ${showSpread(those(true))}; by a rename: ${showSpread(those(false))}`],
    },
  ];
};
