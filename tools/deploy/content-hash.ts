import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

const LENGTH = 16;

/**
 * Names what is in an image: builds are the same bytes for the same sources, so that an image is made once and a roll-out
 * of what runs already changes nothing.
 *
 * @param options.output the built app
 * @param options.recipe the other files that an image is made from
 * @param options.packages the system's packages in it
 */
export function contentHash(options: {
  output: string;
  recipe: readonly string[];
  packages: readonly string[];
}): string {
  const hash = createHash('sha256');
  const add = (name: string, content: Uint8Array | string) =>
    hash.update(`${name}\0${content.length}\0`).update(content);
  const entries = readdirSync(options.output, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  const paths = entries.map(({ parentPath, name }) => join(parentPath, name)).sort();
  for (const path of paths) add(relative(options.output, path), readFileSync(path));
  for (const path of options.recipe) add(path.split('/').at(-1) ?? '', readFileSync(path));
  add('packages', options.packages.join(' '));
  return hash.digest('hex').slice(0, LENGTH);
}
