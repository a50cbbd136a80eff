import { run } from './run.mjs';

run('apps/weave/src/main.ts', ['start', ...process.argv.slice(2)]);
