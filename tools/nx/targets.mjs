import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const buildInputs = [
  'production',
  '^production',
  '{workspaceRoot}/tools/build/*',
  '{workspaceRoot}/tools/setup/generate-clients.ts',
  '{workspaceRoot}/tsconfig.base.json',
  '{workspaceRoot}/package-lock.json',
];

/** What an app's image and its place in the cluster are made from: a change of anything else deploys nothing. */
function deployInputs(root) {
  const app = root.slice('apps/'.length);
  return [
    ...buildInputs,
    '{workspaceRoot}/docker/Dockerfile',
    '{workspaceRoot}/docker/health.mjs',
    '{workspaceRoot}/docker/gitconfig',
    ...(app === 'weave' ? [] : [`{workspaceRoot}/k8s/base/${app}/**/*`, '{workspaceRoot}/k8s/components/service/**/*']),
  ];
}

/**
 * Gives every app and lib the same targets, so that no project repeats them: `lint`, `typecheck` and `test` for all,
 * `start`, `serve` (which restarts on a change), `build` (into `dist`) and `deploy` for apps.
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
    deploy: { executor: './tools/nx:deploy', inputs: deployInputs(root) },
    build: {
      ...run(`node tools/build/build.ts ${root}`),
      inputs: buildInputs,
      outputs: ['{workspaceRoot}/dist/{projectRoot}'],
    },
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
        const isApp = existsSync(join(workspaceRoot, root, 'src/main.ts'));
        return [file, { projects: { [root]: { name: nx?.name, targets: targetsOf(root, isApp) } } }];
      }),
];
