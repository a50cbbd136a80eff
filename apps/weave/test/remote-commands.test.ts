import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCommand, startSystem, type TestSystem, temporaryFolder, testKey } from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { services } from '../src/services.ts';

const main = join(import.meta.dirname, '../src/main.ts');
/** Prints every file that is loaded, at the end, to the standard error. */
const loaded = `data:text/javascript,
import { registerHooks } from 'node:module';
const urls = [];
registerHooks({ load(url, context, next) { urls.push(url); return next(url, context); } });
process.on('exit', () => process.stderr.write(urls.join('\\n')));`;
let system: TestSystem;
let keyFile: string;
const folder = temporaryFolder('keys');

beforeAll(async () => {
  keyFile = join(folder.path, 'key');
  writeFileSync(keyFile, `${testKey}\n`);
  const many = Array.from({ length: 200 }, (_, index) => `- [ ] task number ${index}\n`).join('');
  system = await startSystem({ definitions: services, files: { 'A.md': 'first\n', 'Many.md': many } });
  await system.settled();
});
afterAll(async () => {
  await system.stop();
  folder.remove();
});

/** Runs a command where there is neither a vault nor a data directory. */
function weave(args: readonly string[], environment: Record<string, string> = {}) {
  return runCommand(main, args, { HOME: folder.path, WEAVE_URL: system.url, WEAVE_API_KEY: testKey, ...environment });
}

describe('commands for a system that runs elsewhere', () => {
  test.each([
    [['status'], /version .*: ready\n {2}file/],
    [['search', 'first'], /A\.md/],
    [['tasks', 'list', '--limit', '2'], /task number/],
    [['dlq', 'list'], /no dead letters/],
    [['keys', 'list'], /no keys/],
    [['rebuild'], /files indexed/],
    [['jobs', 'list'], /succeeded .*mcp-sync: index-rebuild/],
  ])('%j', async (args, output) => {
    expect(await weave(args)).toMatchObject({ exitCode: 0, stderr: '', stdout: expect.stringMatching(output) });
  });

  test('take URL and key from options, and prefer them', async () => {
    const options = ['--url', `${system.url}/`, '--key-file', keyFile];
    const environment = { WEAVE_URL: 'http://127.0.0.1:9', WEAVE_API_KEY: 'wrong' };
    expect(await weave(['status', ...options], environment)).toMatchObject({ exitCode: 0 });
  });

  test('load nothing of the services nor of their databases', async () => {
    const { stderr, exitCode } = await weave(['status'], {
      NODE_OPTIONS: `--import=${JSON.stringify(encodeURI(loaded)).slice(1, -1)}`,
    });
    expect(exitCode).toBe(0);
    const urls = stderr.split('\n').filter((url) => url.startsWith('file:'));
    expect(urls.some((url) => url.endsWith('/connection.ts'))).toBe(true);
    expect(
      urls.filter((url) =>
        /\/apps\/(?!weave\/)|\/libs\/(database|events|cache|vault)\/|libs\/service\/src\/(?!process\/instance)|\/fastify\//.test(
          url,
        ),
      ),
    ).toEqual([]);
  });
});

describe('exit codes', () => {
  test.each<[string, readonly string[], number, RegExp]>([
    ['nothing found', ['search', 'nowhere'], 0, /^$/],
    ['an empty list', ['tasks', 'list', '--tag', '#none'], 0, /^$/],
    ['an unknown command', ['fly'], 2, /unknown command/],
    ['an unknown option', ['status', '--fast'], 2, /unknown option/],
    ['a missing argument', ['search'], 2, /missing required argument/],
    ['a value that is refused here', ['tasks', 'list', '--status', 'gone'], 2, /Allowed choices are todo/],
    ['a number that is none', ['dlq', 'list', '--limit', 'many'], 2, /whole number from 1, found "many"/],
    [
      'a value that the system refuses',
      ['search', 'x', '--limit', '5000'],
      2,
      /^weave: --limit: expected at most 1000, found 5000\n$/,
    ],
    [
      'a day that there is not',
      ['tasks', 'add', 'x', '--due', '2026-02-30'],
      2,
      /^weave: --due: expected a day .* found "2026-02-30"\n$/,
    ],
    ['a query that cannot be read', ['search', 'line:x'], 2, /line:/],
    ['something that is not there', ['dlq', 'show', 'none'], 1, /none/],
    ['a task that is not there', ['tasks', 'done', 'no such words'], 1, /no open task/],
  ])('for %s', async (_, args, exitCode, stderr) => {
    const result = await weave(args);
    expect(result.stderr).toMatch(stderr);
    expect(result.exitCode).toBe(exitCode);
  });

  test.each<[string, Record<string, string>, readonly string[], number, RegExp]>([
    ['a system that is away', { WEAVE_URL: 'http://127.0.0.1:9' }, [], 1, /127\.0\.0\.1:9 does not answer/],
    ['no key', { WEAVE_API_KEY: '' }, [], 2, /WEAVE_API_KEY, or .* --key-file/],
    ['a wrong key', { WEAVE_API_KEY: 'weave_no' }, [], 1, /key/],
    ['a URL that is none', { WEAVE_URL: 'notes.example' }, [], 2, /expected a URL/],
    ['a key file that is missing', { WEAVE_API_KEY: '' }, ['--key-file', '/none'], 2, /"\/none"/],
  ])('for %s', async (_, environment, options, exitCode, stderr) => {
    const result = await weave(['status', ...options], environment);
    expect(result.stderr).toMatch(stderr);
    expect(result.stderr).not.toContain(testKey);
    expect(result.exitCode).toBe(exitCode);
  });
});

test('a reader that has seen enough is no failure', async () => {
  const command = `"${process.execPath}" "${main}" tasks list --json | head -n 1; echo "\${PIPESTATUS[0]}"`;
  const env = { PATH: process.env.PATH, WEAVE_URL: system.url, WEAVE_API_KEY: testKey };
  const child = spawn('bash', ['-c', command], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  await once(child, 'close');
  expect(errors).toBe('');
  expect(output).toBe('{\n0\n');
});

test('status can be watched until it is interrupted', async () => {
  const env = { PATH: process.env.PATH, WEAVE_URL: system.url, WEAVE_API_KEY: testKey };
  const child = spawn(process.execPath, [main, 'status', '--watch', '--interval', '1'], { env });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  await expect.poll(() => output.match(/: ready/g)?.length ?? 0, { timeout: 15_000 }).toBeGreaterThan(1);
  child.kill('SIGINT');
  const [exitCode] = await once(child, 'close');
  expect(exitCode).toBe(0);
});

describe('completion', () => {
  const script = (shell: string) => runCommand(main, ['completion', shell]);

  test.each([
    ['weave ta', ['tasks']],
    ['weave tasks ', ['list', 'today', 'overdue', 'add', 'done', '--help']],
    ['weave tasks list --st', ['--status']],
    ['weave tasks list --status ', ['todo', 'in_progress', 'done', 'cancelled']],
    ['weave status --w', ['--watch']],
    ['weave search word --li', ['--limit']],
  ])('in bash of %j', async (line, expected) => {
    const { stdout } = await script('bash');
    const words = line.split(' ');
    const call = `${stdout}\nCOMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _weave; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const offered = execFileSync('bash', ['-c', call], { encoding: 'utf8' }).trim().split('\n');
    expect(offered).toEqual(expected);
  });

  test.each(['zsh', 'fish'])('has every command for %s', async (shell) => {
    const { stdout, exitCode } = await script(shell);
    expect(exitCode).toBe(0);
    for (const name of ['weave tasks list', 'weave dlq replay', 'weave completion']) expect(stdout).toContain(name);
  });

  test('of another shell is refused with those that there are', async () => {
    expect(await script('tcsh')).toMatchObject({ exitCode: 2, stderr: expect.stringContaining('bash, zsh, fish') });
  });
});
