import type { Random } from '../../generate/random.ts';
import { type Edit, type Ledger, linesOf, titleOf } from './ledger.ts';

const MAX_OWN = 7;
const FEWEST_OWN = 3;

type Draft = Pick<Edit, 'line' | 'kind' | 'word' | 'version'>;

export interface HandChange {
  text: string;
  edit: Draft;
}

/** Puts a line under a heading, before whatever else stands there. */
function insertUnder(text: string, heading: string, line: string): string {
  const mark = `## ${heading}\n\n`;
  const at = text.indexOf(mark);
  return at < 0
    ? `${text}\n${mark}${line}\n`
    : `${text.slice(0, at + mark.length)}${line}\n${text.slice(at + mark.length)}`;
}

function replaceLine(text: string, raw: string, by: string): string {
  return `\n${text}`.replace(`\n${raw}\n`, () => (by === '' ? '\n' : `\n${by}\n`)).slice(1);
}

/**
 * Somebody who edits the text of notes: writes lines of its own under a heading of its own, some of them tasks, changes
 * and removes them, and marks or ticks off those of others.
 */
export function createHand(options: { by: string; heading: string; random: Random; ledger: Ledger }) {
  const { by, heading, random, ledger } = options;

  function add(text: string): HandChange {
    const { title, ...version } = ledger.nextVersion(ledger.newLine(by));
    const raw = random.chance(0.75) ? `- [ ] ${title} 📅 2027-01-0${random.integer(1, 9)}` : `- ${title}`;
    return {
      text: insertUnder(text, heading, raw),
      edit: version,
    };
  }

  return (text: string): HandChange => {
    const lines = linesOf(text);
    const own = lines.filter(({ name }) => name.startsWith(`${by}i`));
    const others = lines.filter(({ name }) => !name.startsWith(`${by}i`));
    const draw = random.next();
    if (own.length < FEWEST_OWN || (draw < 0.25 && own.length < MAX_OWN)) return add(text);
    if (draw < 0.5 && others.length > 0) {
      const { name, version, raw } = random.pick(others);
      const word = ledger.newMark(by);
      const ticked = random.chance(0.3) ? raw.replace('[ ]', '[x]') : raw;
      return { text: replaceLine(text, raw, `${ticked} #${word}`), edit: { line: name, kind: 'mark', word, version } };
    }
    const { name, version, raw } = random.pick(own);
    if (draw > 0.85)
      return { text: replaceLine(text, raw, ''), edit: { line: name, kind: 'removal', word: '', version } };
    const { title, ...next } = ledger.nextVersion(name);
    return {
      text: replaceLine(text, raw, raw.replace(titleOf(name, version), title)),
      edit: next,
    };
  };
}

export type Hand = ReturnType<typeof createHand>;
