import { join } from 'node:path';
import { runCommand } from '@weave-nn/testing';
import { expect, test } from 'vitest';

const file = join(import.meta.dirname, 'fixture/need-memory.ts');
const megabytes = async (way: string) => JSON.parse((await runCommand(file, [way])).stdout);

test('memory that was needed for a while is given back, which it is not by itself', async () => {
  const back = await megabytes('back');
  expect(back.now).toBeLessThan(back.most / 2);
  const kept = await megabytes('keep');
  expect(kept.now).toBeGreaterThan(kept.most / 2);
});
