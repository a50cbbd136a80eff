import type { VaultPlan } from './plan.ts';
import type { Random } from './random.ts';

const UNRESOLVED = 0.03;

/** A wikilink in one of the forms that Obsidian knows; a few lead nowhere. */
export function makeWikiLink(random: Random, plan: VaultPlan): string {
  if (random.chance(UNRESOLVED)) return `[[${plan.vocabulary.word(random)} ${plan.vocabulary.word(random)} to be]]`;
  const note = plan.popular(random);
  const byPath = plan.isAmbiguous(note) ? random.chance(0.8) : random.chance(0.1);
  const target = byPath ? note.path.slice(0, -'.md'.length) : note.name;
  const form = random.next();
  if (form < 0.55) return `[[${target}]]`;
  if (form < 0.75) return `[[${target}|${note.alias}]]`;
  if (form < 0.87) return `[[${target}#${random.pick(note.headings)}]]`;
  if (form < 0.92) return `[[${target}#^first]]`;
  if (form < 0.97) return `![[${target}]]`;
  return `![[${random.pick(plan.attachments)}]]`;
}

/** A markdown link: to a note by its percent-encoded path, or out of the vault. */
export function makeMarkdownLink(random: Random, plan: VaultPlan): string {
  const text = `${plan.vocabulary.word(random)} ${plan.vocabulary.word(random)}`;
  if (random.chance(0.4)) return `[${text}](https://example.com/${encodeURIComponent(plan.vocabulary.word(random))})`;
  return `[${text}](/${encodeURI(plan.popular(random).path)})`;
}
