import { run } from './run.mjs';

// A small young heap, as in the image.
run('apps/weave/src/main.ts', ['start', ...process.argv.slice(2)], ['--max-semi-space-size=4']);
