import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { hasServers } from './libs/testing/src/has-servers.ts';

/** The suite of the whole system runs in each of these shapes; see libs/testing. */
const shaped = ['apps/weave/test/*.test.ts'];
/** What is only of the one process, or chooses its shapes itself. */
const embeddedOnly = [
  'clients',
  'command-line',
  'data-directory',
  'docs',
  'dual-deployment',
  'fuzz',
  'git-commands',
  'git-index-lock',
  'git-owner',
  'git-recovery',
  'git-refused-paths',
  'git-routes',
  'git-sync',
  'git-sync-kinds',
  'git-trouble',
  'remote-commands',
  'task-commands',
].map((name) => `apps/weave/test/${name}.test.ts`);

/** `npm run test:full` runs every file in every shape, and measures coverage. */
const isFull = process.env.WEAVE_TEST_FULL === '1';

/** What can differ where the services share no process, no memory or no database file; the rest is the same code. */
const differs = ['dead-letters', 'faults', 'gateway', 'jobs', 'keys', 'recovery', 'tracing', 'watching'].map(
  (name) => `apps/weave/test/${name}.test.ts`,
);
/** One process on the servers differs only where its parts meet: events, leases and restarts. */
const differsOnServers = ['dead-letters', 'jobs', 'recovery', 'tasks'].map((name) => `apps/weave/test/${name}.test.ts`);

/** What only built services can show. */
const builtOnly = 'tools/build/built-services.test.ts';

const servers = {
  extends: true as const,
  test: {
    name: 'servers',
    include: isFull ? shaped : differsOnServers,
    exclude: embeddedOnly,
    env: { WEAVE_TEST_SHAPE: 'servers' },
  },
};

/** Processes run what is shipped: the apps are built first, into a folder that the workspace knows nothing of. */
const processes = {
  extends: true as const,
  test: {
    name: 'processes',
    include: [...(isFull ? shaped : differs), builtOnly],
    exclude: embeddedOnly,
    env: { WEAVE_TEST_SHAPE: 'processes', WEAVE_BUILT_APPS: join(tmpdir(), `weave-built-${process.pid}`) },
    globalSetup: 'tools/build/built-apps.ts',
  },
};

export default defineConfig({
  test: {
    pool: 'forks',
    // Most tests wait more than they work.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        test: {
          name: 'embedded',
          include: ['apps/*/test/**/*.test.ts', 'libs/*/test/**/*.test.ts', 'tools/**/*.test.ts'],
          exclude: [builtOnly],
        },
      },
      ...((await hasServers()) ? [servers, processes] : []),
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
