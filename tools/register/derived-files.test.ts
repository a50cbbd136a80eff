import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { readServices } from '../deploy/services.ts';
import { derivedFiles } from './derived-files.ts';

const workspace = resolve(import.meta.dirname, '../..');
const files = derivedFiles(await readServices(workspace));

test.each([...files])('%s is what the register of services makes it', (file, content) => {
  expect(readFileSync(join(workspace, file), 'utf8')).toBe(content);
});
