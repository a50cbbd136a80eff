import { spawnSync } from 'node:child_process';
import { checkBoundaries } from './boundaries.ts';
import { readProjects } from './projects.ts';

const biome = spawnSync('biome', ['check', '.'], { stdio: 'inherit' });
const problems = checkBoundaries(readProjects(process.cwd()));
for (const problem of problems) process.stderr.write(`boundary: ${problem}\n`);
process.exitCode = biome.status === 0 && problems.length === 0 ? 0 : 1;
