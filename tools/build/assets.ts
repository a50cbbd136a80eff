import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Plugin } from 'esbuild';

/** What the bundle reads or loads at run time, by its path in the output; each the path of a file or folder. */
export type Assets = Map<string, string>;

/** Modules that the bundle starts as threads, by their names in the output without `.js`; each a path. */
export type Threads = Map<string, string>;

const namedBySource = /new URL\(\s*(['"])(\.\.?\/[^'"]+)\1\s*,\s*import\.meta\.url\s*\)/g;

/**
 * Lets the workspace's own code go on naming files beside it as `new URL('<relative path>', import.meta.url)`: each
 * becomes an asset, and the URL names the asset instead. A module whose name ends in `thread.ts` becomes a bundle of
 * its own beside the first.
 *
 * The build fails on a URL that names nothing, or other code, which would be copied without what it imports.
 */
export function ownAssets(workspace: string, assets: Assets, threads: Threads): Plugin {
  return {
    name: 'own-assets',
    setup(build) {
      build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
        if (path.includes('/node_modules/')) return undefined;
        const source = await readFile(path, 'utf8');
        const contents = source.replaceAll(namedBySource, (expression, _quote, url: string) => {
          const named = fileURLToPath(new URL(url, pathToFileURL(path)));
          const isThread = named.endsWith('thread.ts');
          if (!existsSync(named) || (named.endsWith('.ts') && !isThread)) {
            throw new Error(`${expression} in ${path} names nothing that can be copied`);
          }
          const output = isThread ? addThread(workspace, threads, named) : addAsset(workspace, assets, named);
          return `new URL('${encodeURI(output)}', import.meta.url)`;
        });
        return { contents, loader: 'ts' };
      });
    },
  };
}

/**
 * Keeps Prisma's query compilers, modules of 4 MB that it imports at its first query, out of the bundle: two of them
 * in it cost 80 MB of resident memory, even when nothing uses Prisma.
 */
export function queryCompilerAssets(workspace: string, assets: Assets): Plugin {
  return {
    name: 'query-compiler-assets',
    setup(build) {
      build.onResolve({ filter: /\.wasm-base64\.mjs$/ }, async ({ path, pluginData, ...from }) => {
        if (pluginData === 'resolving') return undefined;
        const resolved = await build.resolve(path, { ...from, pluginData: 'resolving' });
        if (resolved.errors.length > 0) return resolved;
        return { path: addAsset(workspace, assets, resolved.path), external: true };
      });
    },
  };
}

/** @returns the asset's path in the output, as a URL relative to the bundle has it */
function addAsset(workspace: string, assets: Assets, path: string): string {
  // What installs packages into the output, or leaves installed ones out of an image, must not take it for one.
  const name = `assets/${relative(workspace, path).replaceAll('node_modules/', '')}`;
  assets.set(name, path);
  return `./${name}`;
}

/** @returns the thread's path in the output, beside the bundle, so that what it names itself is found from there */
function addThread(workspace: string, threads: Threads, path: string): string {
  const name = relative(workspace, path).replace(/\.ts$/, '').replaceAll('/', '-');
  threads.set(name, path);
  return `./${name}.js`;
}
