import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { InstalledPackage } from './packages.ts';

const LICENCE_FILE = /^(licen[cs]e|copying|notice)/i;
const rule = '-'.repeat(80);

/** Writes `licences.txt`: the bundled packages, each with version and licence, then the texts of the licences. */
export async function writeLicences(
  workspace: string,
  output: string,
  packages: readonly InstalledPackage[],
): Promise<void> {
  const titles = packages.map(({ name, version, licence }) => `${name} ${version} (${licence})`);
  const texts = await Promise.all(packages.map(({ folder }) => licenceOf(join(workspace, folder))));
  const parts = titles.map((title, index) => `${rule}\n${title}\n\n${texts[index]}\n`);
  await writeFile(
    join(output, 'licences.txt'),
    `main.js contains these packages:\n\n${titles.join('\n')}\n\n${parts.join('\n')}`,
  );
}

async function licenceOf(folder: string): Promise<string> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isFile() && LICENCE_FILE.test(entry.name)).map(({ name }) => name);
  if (names.length === 0) return 'The package comes without the text of its licence.';
  const texts = await Promise.all(names.sort().map((name) => readFile(join(folder, name), 'utf8')));
  return texts.map((text) => text.replaceAll('\r\n', '\n').trim()).join('\n\n');
}
