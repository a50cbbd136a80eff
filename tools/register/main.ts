// Writes the files that are derived from the register of services: `npm run derive`.
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readServices } from '../deploy/services.ts';
import { derivedFiles } from './derived-files.ts';

const workspace = resolve(import.meta.dirname, '../..');
for (const [file, content] of derivedFiles(await readServices(workspace))) {
  writeFileSync(join(workspace, file), content);
  process.stdout.write(`${file}\n`);
}
