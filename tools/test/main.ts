import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A server that integration tests use when it is there. */
interface Server {
  name: string;
  url: string;
  port: number;
}

const servers: readonly Server[] = [
  { name: 'PostgreSQL', url: process.env.TEST_DATABASE_URL ?? 'postgresql://postgres@127.0.0.1:5432/test', port: 5432 },
  { name: 'RabbitMQ', url: process.env.TEST_RABBITMQ_URL ?? 'amqp://guest:guest@127.0.0.1:5672', port: 5672 },
  { name: 'Redis', url: process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379', port: 6379 },
];

/** Every file in every shape, with coverage. */
const isFull = process.argv[2] === '--full';
const args = process.argv.slice(isFull ? 3 : 2);

const ANSWER_WITHIN = 2_000;

function answers({ url, port }: Server): Promise<boolean> {
  const { hostname, port: given } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect({ host: hostname, port: Number(given || port), timeout: ANSWER_WITHIN });
    const end = (found: boolean) => {
      socket.destroy();
      resolve(found);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}

function step(name: string, command: string, args: readonly string[]): boolean {
  process.stdout.write(`\n${name}\n`);
  const env = { ...process.env, ...(isFull ? { WEAVE_TEST_FULL: '1' } : {}) };
  return spawnSync(command, args, { stdio: 'inherit', env }).status === 0;
}

interface Results {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  numFailedTestSuites: number;
}

function runTests(args: readonly string[]): { passed: number; failed: number; skipped: number; ok: boolean } {
  const folder = mkdtempSync(join(tmpdir(), 'results-'));
  const file = join(folder, 'results.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const ok = step('Tests', 'vitest', ['run', ...(isFull ? ['--coverage'] : []), ...args, ...reporters]);
  try {
    const results = JSON.parse(readFileSync(file, 'utf8')) as Results;
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests, numFailedTestSuites } = results;
    const failed = numFailedTests === 0 && !ok ? Math.max(1, numFailedTestSuites) : numFailedTests;
    return { passed: numPassedTests, failed, skipped: numPendingTests + numTodoTests, ok };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const missing = (await Promise.all(servers.map(async (server) => ((await answers(server)) ? [] : [server])))).flat();
const lint = step('Lint and module boundaries', process.execPath, ['tools/lint/lint.ts']);
const types = step('Types', 'tsc', ['-p', 'tsconfig.json']);
const { passed, failed, skipped, ok } = runTests(args);

const strict = process.env.CI === 'true';
const problems = [
  ...(lint ? [] : ['lint failed']),
  ...(types ? [] : ['type check failed']),
  ...(ok ? [] : ['tests or coverage failed']),
  ...(strict ? missing.map(({ name, url }) => `${name} does not answer at ${url}`) : []),
];
for (const { name, url } of missing)
  process.stdout.write(
    `${name} does not answer at ${url}: its tests were skipped, and the suite in the shapes that need it\n`,
  );
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.stdout.write(`${passed} passed, ${failed + (failed === 0 ? problems.length : 0)} failed, ${skipped} skipped\n`);
process.exitCode = problems.length === 0 ? 0 : 1;
