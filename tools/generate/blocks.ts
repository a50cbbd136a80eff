import { makeMarkdownLink, makeWikiLink } from './links.ts';
import type { VaultPlan } from './plan.ts';
import type { Random } from './random.ts';

const cjk = [
  '今日は静かな庭で本を読みながら考えをまとめた。',
  '知识管理的关键在于把想法连接起来。',
  '회의에서 다음 분기의 계획을 논의했다.',
  '新しい方法を試し、結果を記録しておく。',
];
const callouts = ['note', 'warning', 'tip', 'quote'];
const priorities = ['⏫', '🔼', '🔽'];
const languages = ['ts', 'python', 'sh', 'sql'];

/** A date between 2023 and 2027, as ISO 8601 has it. */
export function makeDate(random: Random): string {
  const day = new Date(Date.UTC(2023, 0, random.integer(1, 4 * 365)));
  return day.toISOString().slice(0, 10);
}

/** Writes blocks of one note, all drawn from its own random numbers. */
export function createBlockWriter(random: Random, plan: VaultPlan) {
  const word = () => plan.vocabulary.word(random);
  const words = (count: number) => Array.from({ length: count }, word).join(' ');

  function sentence(): string {
    const parts = Array.from({ length: random.integer(5, 18) }, word);
    if (random.chance(0.15)) parts.push(makeWikiLink(random, plan));
    if (random.chance(0.03)) parts.push(makeMarkdownLink(random, plan));
    if (random.chance(0.03)) parts.push(`#${random.pick(plan.tags)}`);
    if (random.chance(0.05))
      parts.splice(2, 0, random.pick([`**${words(2)}**`, `*${word()}*`, `\`${word()}()\``, '$x^2$']));
    const text = parts.join(' ');
    return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
  }

  const paragraph = () => Array.from({ length: random.integer(1, 5) }, sentence).join(' ');

  function task(): string {
    const done = random.chance(0.4);
    const marks = [`📅 ${makeDate(random)}`];
    if (random.chance(0.3)) marks.unshift(random.pick(priorities));
    if (random.chance(0.1)) marks.push('🔁 every week');
    if (done) marks.push(`✅ ${makeDate(random)}`);
    const tag = random.chance(0.3) ? ` #${random.pick(plan.tags)}` : '';
    return `- [${done ? 'x' : ' '}] ${words(random.integer(2, 7))}${tag} ${marks.join(' ')}`;
  }

  const lines = (make: () => string, low: number, high: number) =>
    Array.from({ length: random.integer(low, high) }, make).join('\n');

  function table(): string {
    const row = () => `| ${word()} | ${words(2)} | ${random.integer(1, 999)} |`;
    return `| ${word()} | ${word()} | ${word()} |\n| --- | :-: | --: |\n${lines(row, 2, 8)}`;
  }

  function codeBlock(): string {
    const line = () =>
      `  const ${word().replace(/\P{L}/gu, '')} = ${word()}(${random.integer(0, 99)}); // [[not a link]] #nottag`;
    return `\`\`\`${random.pick(languages)}\n${lines(line, 2, 10)}\n\`\`\``;
  }

  /** One block of the kinds that notes are made of, prose most often. */
  function block(): string {
    const kind = random.next();
    if (kind < 0.62) return paragraph();
    if (kind < 0.74) return lines(() => `- ${sentence()}`, 2, 6);
    if (kind < 0.82) return lines(task, 1, 5);
    if (kind < 0.87) return codeBlock();
    if (kind < 0.91) return table();
    if (kind < 0.95) return `> [!${random.pick(callouts)}] ${words(2)}\n> ${paragraph()}`;
    if (kind < 0.97) return `$$\n\\sum_{i=1}^{${random.integer(2, 99)}} i^2\n$$`;
    return Array.from({ length: random.integer(2, 6) }, () => random.pick(cjk)).join('');
  }

  return { words, paragraph, block };
}
