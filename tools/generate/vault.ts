import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeNote } from './note.ts';
import { planVault, type VaultPlan } from './plan.ts';
import { createRandom } from './random.ts';

export interface GeneratedVault {
  files: number;
  bytes: number;
  plan: VaultPlan;
}

const ATTACHMENT_STREAM = 2_000_000;

function makeAttachment(seed: number, index: number): Uint8Array {
  const random = createRandom(seed, ATTACHMENT_STREAM + index);
  return Uint8Array.from({ length: random.integer(200, 4_000) }, () => random.integer(0, 255));
}

/**
 * Fills a folder with a vault such as people have: notes of many sizes that link to each other, in several scripts,
 * with everything that Obsidian's markdown knows, and a few attachments. The same seed gives the same bytes.
 *
 * @returns how much was written, and the plan it was written from
 */
export function generateVault({
  folder,
  notes,
  seed,
}: {
  folder: string;
  notes: number;
  seed: number;
}): GeneratedVault {
  const plan = planVault(seed, notes);
  const made = new Set<string>();
  let bytes = 0;
  function write(path: string, content: Uint8Array) {
    const file = join(folder, path);
    if (!made.has(dirname(file))) mkdirSync(dirname(file), { recursive: true });
    made.add(dirname(file));
    writeFileSync(file, content);
    bytes += content.length;
  }
  for (const [index, { path }] of plan.notes.entries()) write(path, Buffer.from(writeNote(plan, index)));
  for (const [index, path] of plan.attachments.entries()) write(path, makeAttachment(seed, index));
  return { files: plan.notes.length + plan.attachments.length, bytes, plan };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      notes: { type: 'string', default: '10000' },
      seed: { type: 'string', default: '1' },
    },
  });
  if (!values.out) {
    process.stderr.write('usage: node tools/generate/vault.ts --out DIR [--notes 10000] [--seed 1]\n');
    process.exit(2);
  }
  const { files, bytes } = generateVault({
    folder: values.out,
    notes: Number(values.notes),
    seed: Number(values.seed),
  });
  process.stdout.write(`${files} files, ${(bytes / 1e6).toFixed(1)} MB\n`);
}
