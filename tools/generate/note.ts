import { createBlockWriter, makeDate } from './blocks.ts';
import type { PlannedNote, VaultPlan } from './plan.ts';
import { createRandom, type Random } from './random.ts';

const WITH_FRONTMATTER = 0.7;
const statuses = ['draft', 'active', 'done', 'archived'];

function makeFrontmatter(random: Random, plan: VaultPlan, note: PlannedNote): string {
  const lines = [`created: ${makeDate(random)}`];
  if (random.chance(0.7)) lines.push(`tags:\n${[1, 2].map(() => `  - ${random.pick(plan.tags)}`).join('\n')}`);
  if (random.chance(0.5)) lines.push(`aliases: ["${note.alias}"]`);
  if (random.chance(0.5)) lines.push(`status: ${random.pick(statuses)}`);
  if (random.chance(0.3)) lines.push(`rating: ${random.integer(1, 5)}`);
  if (random.chance(0.3)) lines.push(`related: "[[${plan.popular(random).name}]]"`);
  if (random.chance(0.2))
    lines.push(`sources:\n  - "[[${plan.popular(random).name}|source]]"\n  - ${makeDate(random)}`);
  return `---\n${lines.join('\n')}\n---\n\n`;
}

/** A note's whole text; the same whenever it is written for the same plan. */
export function writeNote(plan: VaultPlan, index: number): string {
  const note = plan.notes[index];
  if (!note) throw new Error(`the plan has no note ${index}`);
  const random = createRandom(plan.seed, index);
  const { paragraph, block, words } = createBlockWriter(random, plan);
  let text = random.chance(WITH_FRONTMATTER) ? makeFrontmatter(random, plan, note) : '';
  text += `# ${note.name}\n\n${paragraph()} ^first\n`;
  const target = note.size;
  const headings = [...note.headings];
  while (text.length < target || headings.length > 0) {
    const planned = headings.shift();
    if (planned !== undefined) text += `\n## ${planned}\n`;
    else if (random.chance(0.15)) text += `\n### ${words(random.integer(1, 4))}\n`;
    if (text.length < target) text += `\n${block()}\n`;
  }
  return text;
}
