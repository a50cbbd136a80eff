import { join } from 'node:path';
import { runCommand } from '@weave-nn/testing';
import { expect, test } from 'vitest';

const file = join(import.meta.dirname, 'fixture/allocate.ts');
const megabytes = async (way: string) => Number((await runCommand(file, [way])).stdout);

test('the part of the heap for what is new stays small where it is limited, and grows where it is not', async () => {
  expect(await megabytes('limited')).toBeLessThanOrEqual(32);
  expect(await megabytes('free')).toBeGreaterThan(32);
});
