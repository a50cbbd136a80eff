import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, mkdirSync, readdirSync, realpathSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { temporaryFolder } from '@weave-nn/testing';

const workspace = resolve(import.meta.dirname, '../..');

/** A copy of the workspace with a repository of its own, for tests that change and commit. */
export interface WorkspaceCopy {
  path: string;
  /** Runs a program in it and answers what it printed. */
  run(command: string, args: readonly string[], environment?: Readonly<Record<string, string>>): string;
  /** Commits everything, and answers the commit. */
  commit(message: string): string;
  remove(): void;
}

/** Links installed packages, and the workspace's own to their folders in the copy. */
function linkPackages(copy: string): void {
  const modules = join(workspace, 'node_modules');
  mkdirSync(join(copy, 'node_modules/@weave-nn'), { recursive: true });
  for (const name of readdirSync(modules)) {
    if (name !== '@weave-nn' && !name.startsWith('.cache'))
      symlinkSync(join(modules, name), join(copy, 'node_modules', name));
  }
  for (const name of readdirSync(join(modules, '@weave-nn'))) {
    const real = realpathSync(join(modules, '@weave-nn', name));
    symlinkSync(join(copy, real.slice(workspace.length)), join(copy, 'node_modules/@weave-nn', name));
  }
}

/** Copies the work tree, committed or not, with its generated clients. */
export function copyWorkspace(): WorkspaceCopy {
  const folder = temporaryFolder('workspace');
  const path = realpathSync(folder.path);
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const files = execFileSync('git', list, { cwd: workspace, encoding: 'utf8' }).split('\0');
  for (const file of files.filter((each) => each !== '' && existsSync(join(workspace, each)))) {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    cpSync(join(workspace, file), join(path, file));
  }
  for (const app of readdirSync(join(workspace, 'apps'))) {
    const generated = join('apps', app, 'prisma/generated');
    if (existsSync(join(workspace, generated)))
      cpSync(join(workspace, generated), join(path, generated), { recursive: true });
  }
  linkPackages(path);

  function run(command: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): string {
    // The daemon would outlive the copy.
    const env = { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false', ...environment };
    return execFileSync(command, [...args], { cwd: path, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  }
  const git = (...args: string[]) => run('git', ['-c', 'user.name=test', '-c', 'user.email=test@localhost', ...args]);
  function commit(message: string): string {
    git('add', '--all');
    git('commit', '--quiet', '--message', message);
    return git('rev-parse', 'HEAD').trim();
  }
  git('init', '--quiet', '--initial-branch=main');
  commit('base');
  return { path, run, commit, remove: folder.remove };
}

/** Puts one line at the end of a file of a copy. */
export function addLine(copy: WorkspaceCopy, file: string, line: string): void {
  appendFileSync(join(copy.path, file), `${line}\n`);
}
