import { parseNote } from '@weave-nn/vault';
import { writeNote } from '../generate/note.ts';
import type { Figure } from './figure.ts';
import { median } from './statistics.ts';

const ROUNDS = 7;
const BYTES = 30_000_000;
const WANTED = 20;
const showRate = (rate: number) => `${rate.toFixed(1)} MB/s`;

/** Reading notes for their links, tags, headings and tasks, against splitting the same text into lines. */
export const parse: Figure = async ({ generated }) => {
  const texts: string[] = [];
  let bytes = 0;
  for (let index = 0; index < generated.plan.notes.length && bytes < BYTES; index++) {
    const text = writeNote(generated.plan, index);
    texts.push(text);
    bytes += Buffer.byteLength(text);
  }
  const rateOf = (work: (text: string) => unknown) => {
    const started = performance.now();
    for (const text of texts) work(text);
    return bytes / 1_000 / (performance.now() - started);
  };
  const ours: number[] = [];
  const baseline: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    ours.push(rateOf(parseNote));
    baseline.push(rateOf((text) => text.split(/\r?\n/)));
  }
  const [rate, scale] = [median(ours), median(baseline)];
  return [
    {
      name: 'parse',
      ours: showRate(rate),
      baseline: `${showRate(scale)} (split into lines)`,
      ratio: scale / rate,
      wanted: `≥ ${WANTED} MB/s`,
      ok: rate >= WANTED,
    },
  ];
};
