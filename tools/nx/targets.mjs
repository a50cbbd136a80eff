import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/**
 * Gives every app and lib the same targets, so that no project repeats them: `lint`, `typecheck` and `test` for all,
 * `start`, `serve` (which restarts on a change) and `build` (into `dist`) for apps.
 */
function targetsOf(root, isApp) {
  const run = (command) => ({ executor: 'nx:run-commands', options: { command, cwd: '{workspaceRoot}' } });
  const common = {
    lint: run(`biome check ${root}`),
    typecheck: run(`tsc -p ${root}`),
    test: run(`vitest run ${root}/test --passWithNoTests`),
  };
  if (!isApp) return common;
  const command = root === 'apps/weave' ? ' start' : '';
  return {
    ...common,
    start: { ...run(`node ${root}/src/main.ts${command}`), continuous: true },
    serve: { ...run(`node --watch ${root}/src/main.ts${command}`), continuous: true },
    build: { ...run(`node tools/build/build.ts ${root}`), outputs: ['{workspaceRoot}/dist/{projectRoot}'] },
  };
}

/** Nx's plugin interface: infers the projects' targets from where their `package.json` is. */
export const createNodesV2 = [
  '{apps,libs}/*/package.json',
  (files, _options, { workspaceRoot }) =>
    files
      .filter((file) => existsSync(join(workspaceRoot, file)))
      .map((file) => {
        const root = dirname(file);
        const { nx } = JSON.parse(readFileSync(join(workspaceRoot, file), 'utf8'));
        return [file, { projects: { [root]: { name: nx?.name, targets: targetsOf(root, root.startsWith('apps/')) } } }];
      }),
];
