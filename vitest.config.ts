import { connect } from 'node:net';
import { defineConfig } from 'vitest/config';

/** The suite of the whole system runs in each of these shapes; see libs/testing. */
const shaped = ['apps/weave/test/*.test.ts'];
/** What is only of the one process and its command line. */
const embeddedOnly = ['apps/weave/test/command-line.test.ts'];

const servers = [
  { url: process.env.TEST_DATABASE_URL ?? 'postgresql://postgres@127.0.0.1:5432/test', port: 5432 },
  { url: process.env.TEST_RABBITMQ_URL ?? 'amqp://guest:guest@127.0.0.1:5672', port: 5672 },
];

function answers({ url, port }: (typeof servers)[number]): Promise<boolean> {
  const { hostname, port: given } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(given || port), timeout: 2_000 });
    const end = (found: boolean) => {
      socket.destroy();
      resolve(found);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}

const hasServers = process.env.CI === 'true' || (await Promise.all(servers.map(answers))).every(Boolean);

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
      ...(hasServers ? [shape('servers'), shape('processes')] : []),
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
