import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What a client's part of the vault should be: text by path, and under `hub:<line>` the name that a line of the note
 * that all clients share links to.
 */
export type World = ReadonlyMap<string, string>;

export const HUB = 'Hub.md';
const HUB_LINE = /^- (\S+): \[\[(.+)\]\]$/gm;

/** SHA-256 in hex, as ETags have it. */
export function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** Every file below a folder of the vault, hidden ones too when the folder itself is hidden. */
export function listFiles(vault: string, folder: string): string[] {
  return globSync(`${folder}/**/*`, { cwd: vault }).filter((path) => statSync(join(vault, path)).isFile());
}

/** What a client's part of the vault is. */
export function readWorld(vault: string, folder: string): World {
  const world = new Map(listFiles(vault, folder).map((path) => [path, readFileSync(join(vault, path), 'utf8')]));
  const hub = existsSync(join(vault, HUB)) ? readFileSync(join(vault, HUB), 'utf8') : '';
  for (const [, line = '', name = ''] of hub.matchAll(HUB_LINE)) {
    if (line.startsWith(`${folder}-`)) world.set(`hub:${line}`, name);
  }
  return world;
}

/** What one world has that another lacks or has otherwise, one line each. */
export function compareWorlds(wanted: World, found: World): string[] {
  const differences: string[] = [];
  for (const [path, text] of wanted) {
    const other = found.get(path);
    if (other === undefined) differences.push(`${path} is not there`);
    else if (other !== text) differences.push(`${path} is otherwise: wanted ${excerpt(text)}, found ${excerpt(other)}`);
  }
  for (const path of found.keys()) if (!wanted.has(path)) differences.push(`${path} should not be there`);
  return differences;
}

function excerpt(text: string): string {
  const length = 160;
  return JSON.stringify(text.length > length ? `…${text.slice(-length)}` : text);
}

/** Whether some line of the texts that clients write stands twice in a note. Each line has a number of its own. */
export function hasDoubledLine(text: string): boolean {
  const lines = text.split('\n').filter((line) => line.startsWith('- '));
  return new Set(lines).size < lines.length;
}
