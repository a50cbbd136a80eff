import { writeNote } from '../generate/note.ts';
import type { VaultPlan } from '../generate/plan.ts';
import { createRandom } from '../generate/random.ts';

/** The same search as a person types it and as FTS5 wants it. */
export interface SearchQuery {
  kind: string;
  typed: string;
  match: string;
}

const STREAM = 5_000_000;
const EACH = 60;
const PHRASE = /\p{Ll}{3,} \p{Ll}{3,}/gu;

/** Searches for rare, middling and common words, for two words, phrases and beginnings. */
export function drawQueries(plan: VaultPlan): SearchQuery[] {
  const random = createRandom(plan.seed, STREAM);
  const { words } = plan.vocabulary;
  const word = (from: number, to: number) => words[random.integer(from, to)] ?? '';
  const rare = () => word(8_000, 25_000);
  const middle = () => word(400, 4_000);
  const common = () => word(5, 200);
  const alone = (kind: string, text: string): SearchQuery => ({ kind, typed: text, match: `"${text}"` });

  function two(): SearchQuery {
    const [one, other] = [middle(), common()];
    return { kind: 'two words', typed: `${one} ${other}`, match: `"${one}" AND "${other}"` };
  }

  function phrase(): SearchQuery {
    const found = writeNote(plan, random.integer(0, plan.notes.length - 1)).match(PHRASE) ?? [
      `${common()} ${common()}`,
    ];
    const text = random.pick(found);
    return { kind: 'phrase', typed: `"${text}"`, match: `"${text}"` };
  }

  function beginning(): SearchQuery {
    const text = middle().slice(0, 4);
    return { kind: 'prefix', typed: `${text}*`, match: `"${text}" *` };
  }

  return Array.from({ length: EACH }, () => [
    alone('rare', rare()),
    alone('middle', middle()),
    alone('common', common()),
    two(),
    phrase(),
    beginning(),
  ]).flat();
}
