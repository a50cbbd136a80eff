// Prepares the checkout, then runs a TypeScript file with the project's own Node: `node tools/setup/run.mjs FILE [ARGUMENT…]`.
import { spawn } from 'node:child_process';
import { prepare, root } from './prepare.mjs';

/** Runs a file and ends as it ends. A SIGTERM is passed on; a terminal's own signals reach it anyway. */
export function run(file, args) {
  const { node, env } = prepare();
  const child = spawn(node, [`${root}/${file}`, ...args], { stdio: 'inherit', env });
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  process.on('SIGINT', () => undefined);
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGTERM' ? 0 : 1)));
}

if (process.argv[1]?.endsWith('run.mjs')) {
  const [file, ...args] = process.argv.slice(2);
  run(file, args);
}
