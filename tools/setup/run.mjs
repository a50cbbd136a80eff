// Prepares the checkout, then runs a TypeScript file with the project's own Node: `node tools/setup/run.mjs FILE [ARGUMENT…]`.
import { spawn } from 'node:child_process';
import { prepare, root } from './prepare.mjs';

/**
 * Runs a file, with options for Node before it if need be, and ends as it ends. A SIGTERM is passed on; a terminal's own
 * signals reach it anyway.
 */
export function run(file, args, nodeOptions = []) {
  const { node, env } = prepare();
  const child = spawn(node, [...nodeOptions, `${root}/${file}`, ...args], { stdio: 'inherit', env });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGINT', () => undefined);
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGTERM' ? 0 : 1)));
}

if (process.argv[1]?.endsWith('run.mjs')) {
  const [file, ...args] = process.argv.slice(2);
  run(file, args);
}
