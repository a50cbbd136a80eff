import { createRandom, createZipf, type Random } from './random.ts';
import { createVocabulary, type Vocabulary } from './vocabulary.ts';

/** What is known of a note before any is written, so that notes can link to each other. */
export interface PlannedNote {
  path: string;
  /** The file's name without its extension. */
  name: string;
  headings: string[];
  alias: string;
  /** Bytes, about. */
  size: number;
}

/** Everything notes are written from. */
export interface VaultPlan {
  seed: number;
  vocabulary: Vocabulary;
  notes: readonly PlannedNote[];
  attachments: readonly string[];
  tags: readonly string[];
  /** A note that is linked to; popular ones come up more often. */
  popular(random: Random): PlannedNote;
  /** Whether other folders have a note of the same name. */
  isAmbiguous(note: PlannedNote): boolean;
}

const STREAM = 1_000_002;
const MEDIAN_SIZE = 1_500;
/** With this the mean is twice the median. */
const SIZE_SIGMA = 1.18;
const LARGEST = 200_000;
const LARGE_EVERY = 5_000;
const topFolders = ['Projects', 'Areas', 'Reference', 'Daily', 'Journal', 'People', 'Études', '研究', 'Inbox 📥'];
const commonNames = ['Index', 'README', 'Notes', 'Überblick', 'To do', '会議メモ'];
const cjkNames = ['東京の記録', '読書ノート', '프로젝트 계획', '知识管理', '週報'];
const emoji = ['🌱', '📚', '🚀', '✨', '🧠'];
const attachmentTypes = ['png', 'jpg', 'pdf', 'canvas'];

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function makeFolders(random: Random, vocabulary: Vocabulary, count: number): string[] {
  const folders: string[] = [...topFolders];
  while (folders.length < count) {
    const parent = random.pick(folders);
    if (parent.split('/').length < 4) folders.push(`${parent}/${capital(vocabulary.word(random))} ${folders.length}`);
  }
  return folders;
}

function makeName(random: Random, vocabulary: Vocabulary, index: number): string {
  if (random.chance(0.02)) return random.pick(commonNames);
  if (random.chance(0.03)) return `${random.pick(cjkNames)} ${index}`;
  if (random.chance(0.03)) return `${random.pick(emoji)} ${capital(vocabulary.word(random))} ${index}`;
  const words = Array.from({ length: random.integer(1, 4) }, () => vocabulary.word(random));
  return capital(words.join(random.chance(0.2) ? '-' : ' '));
}

function makePaths(random: Random, vocabulary: Vocabulary, count: number): { path: string; name: string }[] {
  const folders = makeFolders(random, vocabulary, Math.max(topFolders.length, Math.round(count / 25)));
  const taken = new Set<string>();
  return Array.from({ length: count }, (_, index) => {
    const folder = random.pick(folders);
    let name = makeName(random, vocabulary, index);
    // Two names that differ only in case would be one file on some disks.
    if (taken.has(`${folder}/${name}`.toLowerCase())) name = `${name} ${index}`;
    taken.add(`${folder}/${name}`.toLowerCase());
    return { path: `${folder}/${name}.md`, name };
  });
}

function makeSize(random: Random, index: number): number {
  if (index % LARGE_EVERY === LARGE_EVERY - 1) return random.integer(LARGEST / 2, LARGEST);
  return Math.min(LARGEST, Math.max(40, Math.round(random.logNormal(MEDIAN_SIZE, SIZE_SIGMA))));
}

/** Decides on names, sizes, headings and popularity. */
export function planVault(seed: number, count: number): VaultPlan {
  const random = createRandom(seed, STREAM);
  const vocabulary = createVocabulary(seed);
  const phrase = (words: number) => Array.from({ length: words }, () => vocabulary.word(random)).join(' ');
  const notes = makePaths(random, vocabulary, count).map(({ path, name }, index) => ({
    path,
    name,
    headings: Array.from({ length: random.integer(1, 4) }, () => capital(phrase(random.integer(1, 4)))),
    alias: phrase(2),
    size: makeSize(random, index),
  }));
  const names = new Map<string, number>();
  for (const { name } of notes) names.set(name, (names.get(name) ?? 0) + 1);
  const attachments = Array.from(
    { length: Math.ceil(count / 100) },
    (_, index) => `Attachments/${phrase(1)} ${index}.${random.pick(attachmentTypes)}`,
  );
  const roots = Array.from({ length: 40 }, () => vocabulary.word(random));
  const tags = roots.flatMap((root) => [
    root,
    `${root}/${vocabulary.word(random)}`,
    `${root}/${phrase(1)}/${phrase(1)}`,
  ]);
  const rank = createZipf(count, 0.9);
  return {
    seed,
    vocabulary,
    notes,
    attachments,
    tags,
    popular: (source) => notes[rank(source)] ?? random.pick(notes),
    isAmbiguous: ({ name }) => (names.get(name) ?? 0) > 1,
  };
}
