import { createHash } from 'node:crypto';
import { globSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { temporaryFolder } from '@weave-nn/testing';
import { createLinkIndex, parseNote, resolveLink } from '@weave-nn/vault';
import { afterAll, describe, expect, test } from 'vitest';
import { generateVault } from './vault.ts';

const NOTES = 200;
const folders = [1, 2, 3].map((number) => temporaryFolder(`generated-${number}`));
const [first = '', second = '', other = ''] = folders.map(({ path }) => path);

afterAll(() => {
  for (const folder of folders) folder.remove();
});

function filesOf(folder: string): string[] {
  return globSync('**/*', { cwd: folder })
    .filter((path) => statSync(join(folder, path)).isFile())
    .sort();
}

function digest(folder: string): string {
  const hash = createHash('sha256');
  for (const path of filesOf(folder)) hash.update(path).update(readFileSync(join(folder, path)));
  return hash.digest('hex');
}

describe('a generated vault', () => {
  const { plan, files } = generateVault({ folder: first, notes: NOTES, seed: 7 });
  const texts = plan.notes.map(({ path }) => readFileSync(join(first, path), 'utf8'));

  test('has the same bytes for the same seed, others for another', () => {
    generateVault({ folder: second, notes: NOTES, seed: 7 });
    generateVault({ folder: other, notes: NOTES, seed: 8 });
    expect(digest(second)).toBe(digest(first));
    expect(digest(other)).not.toBe(digest(first));
    expect(filesOf(first)).toHaveLength(files);
  });

  test('has notes of many sizes', () => {
    const sizes = texts.map((text) => Buffer.byteLength(text)).sort((one, two) => one - two);
    const median = sizes[sizes.length / 2] ?? 0;
    const mean = sizes.reduce((sum, size) => sum + size, 0) / sizes.length;
    expect(median).toBeGreaterThan(1_000);
    expect(median).toBeLessThan(2_500);
    expect(mean).toBeGreaterThan(median * 1.2);
  });

  test('has folders up to four deep, names in several scripts and the same name twice', () => {
    const depths = plan.notes.map(({ path }) => path.split('/').length - 1);
    expect(Math.min(...depths)).toBe(1);
    expect(Math.max(...depths)).toBeLessThanOrEqual(4);
    expect(plan.notes.some(({ path }) => /\p{Script=Han}/u.test(path))).toBe(true);
    expect(new Set(plan.notes.map(({ path }) => basename(path))).size).toBeLessThan(NOTES);
  });

  test('has frontmatter, tags, tasks, headings and links, few of which lead nowhere', () => {
    const parsed = texts.map(parseNote);
    const withFrontmatter = parsed.filter(({ frontmatter }) => frontmatter !== null).length;
    expect(withFrontmatter / NOTES).toBeGreaterThan(0.6);
    expect(withFrontmatter / NOTES).toBeLessThan(0.8);
    expect(parsed.flatMap(({ tasks }) => tasks).length).toBeGreaterThan(50);
    expect(parsed.flatMap(({ tags }) => tags).length).toBeGreaterThan(20);
    const index = createLinkIndex(filesOf(first));
    const links = parsed.flatMap(({ links: found }, note) =>
      found
        .filter(({ external, kind }) => !external && kind === 'wiki')
        .map(({ target }) => resolveLink(target, plan.notes[note]?.path ?? '', index.candidates(target))),
    );
    const unresolved = links.filter((target) => target === null).length;
    expect(links.length).toBeGreaterThan(NOTES);
    expect(unresolved / links.length).toBeGreaterThan(0.005);
    expect(unresolved / links.length).toBeLessThan(0.08);
  });
});
