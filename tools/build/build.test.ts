import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { runCommand, separateServices, spawnSystem, temporaryFolder, until, writeFiles } from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildApp } from './build.ts';
import { placePackages } from './built-apps.ts';
import { type Bundle, bundle } from './bundle.ts';
import { ranIn } from './ran-in.ts';

const workspace = join(import.meta.dirname, '../..');
const temporary = temporaryFolder('build');
const output = (name: string) => join(temporary.path, name);
afterAll(temporary.remove);

const build = (app: string, to = app) => buildApp({ workspace, project: `apps/${app}`, output: output(to) });
const readOutput = (...path: string[]) => readFileSync(output(join(...path)), 'utf8');

/** The files of a folder and their bytes. */
function contents(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = entries.map(({ parentPath, name }) => join(parentPath, name)).sort();
  return Object.fromEntries(paths.map((path) => [relative(folder, path), readFileSync(path, 'latin1')]));
}

const appOf = (source: string) => /^apps\/[^/]+/.exec(source)?.[0];

let weave: Bundle;
let file: Bundle;
beforeAll(async () => {
  [weave, file] = await Promise.all([build('weave'), build('file')]);
});

describe('the system in one bundle', () => {
  test('serves a vault from an empty folder, and stops when it is told', async () => {
    expect(await placePackages(output('weave'))).toContain('node_modules/@fastify/swagger-ui');
    const vault = temporaryFolder('vault');
    const data = temporaryFolder('data');
    const coverage = output('coverage');
    try {
      writeFiles(vault.path, { 'Garden.md': '# Beds\n\nPeas.\n' });
      const system = await spawnSystem({
        file: output('weave/main.js'),
        vault: vault.path,
        data: data.path,
        environment: { NODE_V8_COVERAGE: coverage },
      });
      expect((await system.put('Shed.md', 'A spade in the shed.\n')).status).toBe(201);
      expect((await system.call('/v1/files/Shed.md')).text).toBe('A spade in the shed.\n');
      await until('the note is found', async () => (await system.search('spade')).includes('Shed.md'));
      expect((await system.call('/docs/static/index.html')).text).toContain('swagger-ui');
      expect(await system.kill('SIGTERM')).toMatchObject({ exitCode: 0 });

      const ran = ranIn(coverage, 'weave/main.js');
      expect(ran).toContain('node_modules/fastify/fastify.js');
      const unused =
        /node_modules\/(pg\/|@prisma\/(adapter-pg\/|client\/.*postgresql)|@opentelemetry\/(?!api\/|context-async-hooks\/))|src\/postgresql\//;
      expect(ran.filter((name) => unused.test(name))).toEqual([]);
    } finally {
      vault.remove();
      data.remove();
    }
  });

  test('has every service, and nothing that only tests need', () => {
    const apps = new Set(weave.sources.map(appOf));
    for (const service of separateServices) expect(apps).toContain(`apps/${service}`);
    expect(weave.sources.filter((source) => source.startsWith('libs/testing/'))).toEqual([]);
  });

  test('has the example vault and the migrations of every service', () => {
    expect(existsSync(output('weave/assets/apps/weave/example-vault/Start here.md'))).toBe(true);
    for (const folder of ['apps/file/prisma', 'apps/mcp-sync/prisma', 'libs/events']) {
      expect(readdirSync(output(`weave/assets/${folder}/migrations`))).not.toEqual([]);
    }
  });

  test('names the packages that it imports, at the versions that are installed', () => {
    const installed = JSON.parse(
      readFileSync(join(workspace, 'node_modules/@fastify/swagger-ui/package.json'), 'utf8'),
    );
    const { dependencies } = JSON.parse(readOutput('weave/package.json'));
    expect(dependencies).toEqual({ '@fastify/swagger-ui': installed.version });
    expect(JSON.parse(readOutput('weave/package-lock.json')).packages[''].dependencies).toEqual(dependencies);
  });

  test('says the licences of what it contains', () => {
    const licences = readOutput('weave/licences.txt');
    expect(licences).toMatch(/^fastify \d+\.\d+\.\d+ \(MIT\)$/m);
    expect(licences).toContain('The above copyright notice and this permission notice shall be included');
    expect(licences).not.toContain('@fastify/swagger-ui');
  });

  test('has a source map whose sources are the files of the workspace', () => {
    const { sources } = JSON.parse(readOutput('weave/main.js.map'));
    expect(sources).toContain('../../../apps/weave/src/main.ts');
    expect(sources.filter((source: string) => !source.startsWith('../../../'))).toEqual([]);
  });
});

/** Asks a registry, and is therefore run only when it is wanted. */
describe.runIf(process.env.WEAVE_TEST_NPM_CI === 'true')('a built app after npm ci', () => {
  test('has the packages of its lock file, and serves what is in them', async () => {
    await build('weave', 'installed');
    execFileSync('npm', ['ci', '--omit=dev', '--ignore-scripts'], { cwd: output('installed'), stdio: 'inherit' });
    const vault = temporaryFolder('vault');
    const data = temporaryFolder('data');
    try {
      const system = await spawnSystem({ file: output('installed/main.js'), vault: vault.path, data: data.path });
      expect((await system.call('/docs/static/index.html')).text).toContain('swagger-ui');
      expect(await system.kill('SIGTERM')).toMatchObject({ exitCode: 0 });
    } finally {
      vault.remove();
      data.remove();
    }
  });
});

describe('one service in a bundle', () => {
  test('runs without any package', async () => {
    expect(await placePackages(output('file'))).toEqual([]);
    const refused = await runCommand(output('file/main.js'), [], { PORT: 'none', VAULT_PATH: temporary.path });
    expect(refused.stderr).toMatch(/^weave-nn: PORT: .*\n$/);
    expect(refused.exitCode).toBe(2);
  });

  test.each(separateServices)('has nothing of another app: %s', async (service) => {
    const { sources, assets } = service === 'file' ? file : await bundle(workspace, `apps/${service}`);
    expect(new Set(sources.map(appOf).filter(Boolean))).toEqual(new Set([`apps/${service}`]));
    expect(
      [...assets.keys()].filter((path) => !path.includes(`apps/${service}/`)).filter((path) => /apps\//.test(path)),
    ).toEqual([]);
    expect(sources.filter((source) => source.startsWith('libs/testing/'))).toEqual([]);
  });

  test('is the same bytes when it is built again elsewhere', async () => {
    await build('file', 'elsewhere/file');
    const [first, second] = [contents(output('file')), contents(output('elsewhere/file'))];
    expect(Object.keys(second)).toEqual(Object.keys(first));
    expect(Object.keys(second).filter((path) => second[path] !== first[path])).toEqual([]);
    expect(Object.values(second).filter((text) => text.includes(temporary.path))).toEqual([]);
  });
});

describe('building an app', () => {
  let folder: string;
  beforeAll(() => {
    // In the workspace, where its imports resolve, and in a folder that nothing else looks into.
    mkdirSync(join(workspace, 'dist'), { recursive: true });
    folder = mkdtempSync(join(workspace, 'dist/fixture-'));
    writeFiles(folder, {
      'package.json': '{ "name": "fixture", "version": "1.0.0" }',
      'words/one.txt': 'one',
      'node_modules/reads-own-files/package.json': '{ "name": "reads-own-files", "version": "1.0.0" }',
      'node_modules/reads-own-files/index.js': 'module.exports = require("node:fs").readdirSync(__dirname);',
    });
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const buildMain = (source: string) => {
    writeFiles(folder, { 'src/main.ts': source });
    return buildApp({ workspace, project: `dist/${basename(folder)}`, output: output('fixture') });
  };

  test('copies the files that it names beside its sources', async () => {
    await buildMain(`import { readFileSync } from 'node:fs';
      console.log(readFileSync(new URL('../words/one.txt', import.meta.url), 'utf8'));`);
    rmSync(join(folder, 'words'), { recursive: true });
    expect((await runCommand(output('fixture/main.js'), [])).stdout).toBe('one\n');
  });

  test('bundles what it starts as a thread, with all that this imports', async () => {
    writeFiles(folder, {
      'src/thread.ts': `import { postMessage } from './post.ts';\npostMessage('from the thread');`,
      'src/post.ts': `import { parentPort } from 'node:worker_threads';
        export const postMessage = (text: string) => parentPort?.postMessage(text);`,
    });
    const { sources } = await buildMain(`import { Worker } from 'node:worker_threads';
      new Worker(new URL('./thread.ts', import.meta.url)).on('message', (text: string) => console.log(text));`);
    expect(sources.map((source) => basename(source))).toEqual(['main.ts', 'post.ts', 'thread.ts']);
    expect((await runCommand(output('fixture/main.js'), [])).stdout).toBe('from the thread\n');
  });

  test("leaves Prisma's query compilers beside the bundle until they are used", async () => {
    const compiler = '@prisma/client/runtime/query_compiler_fast_bg.sqlite.wasm-base64.mjs';
    const { sources } = await buildMain(`console.log((await import('${compiler}')).wasm.length > 1_000_000);`);
    expect(sources.filter((source) => source.includes('wasm'))).toEqual([]);
    expect((await runCommand(output('fixture/main.js'), [])).stdout).toBe('true\n');
  });

  test.each([
    ['a file that is not there', `new URL('./missing', import.meta.url)`, 'names nothing that can be copied'],
    ['code beside it as a file', `new URL('./main.ts', import.meta.url)`, 'names nothing that can be copied'],
    ['a package that is not installed', `import('not-installed')`, 'Could not resolve "not-installed"'],
    ['a package that needs its own folder', `import('reads-own-files')`, 'names its own folder'],
  ])('refuses %s', async (_case, expression, message) => {
    await expect(buildMain(`console.log(${expression});`)).rejects.toThrow(message);
  });
});
