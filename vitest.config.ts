import { defineConfig } from 'vitest/config';
import { hasServers } from './libs/testing/src/has-servers.ts';

/** The suite of the whole system runs in each of these shapes; see libs/testing. */
const shaped = ['apps/weave/test/*.test.ts'];
/** What is only of the one process, or chooses its shapes itself. */
const embeddedOnly = ['clients', 'command-line', 'dual-deployment'].map((name) => `apps/weave/test/${name}.test.ts`);

function shape(name: 'servers' | 'processes') {
  return {
    extends: true,
    test: { name, include: shaped, exclude: embeddedOnly, env: { WEAVE_TEST_SHAPE: name } },
  } as const;
}

export default defineConfig({
  test: {
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'embedded',
          include: ['apps/*/test/**/*.test.ts', 'libs/*/test/**/*.test.ts', 'tools/**/*.test.ts'],
        },
      },
      ...((await hasServers()) ? [shape('servers'), shape('processes')] : []),
    ],
    coverage: {
      provider: 'v8',
      include: ['apps/*/src/**/*.ts', 'libs/*/src/**/*.ts'],
      exclude: ['**/generated/**'],
      reporter: ['text-summary', 'json-summary'],
      thresholds: { lines: 85, branches: 80 },
    },
  },
});
