import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inOrderOfNeed, readServices } from './services.ts';

describe('the order of services', () => {
  test('has each after those whose answers it needs, and the way in last', async () => {
    const services = await readServices(join(import.meta.dirname, '../..'));
    const names = services.map(({ name }) => name);
    for (const [index, { needs = [] }] of services.entries()) {
      for (const needed of needs) expect(names.indexOf(needed)).toBeLessThan(index);
    }
    expect(names.at(-1)).toBe('gateway');
  });

  test('is none for services that need each other', () => {
    const services = [{ name: 'a', needs: ['b'] }, { name: 'b', needs: ['a'] }, { name: 'c' }];
    expect(() => inOrderOfNeed(services)).toThrow('a, b need each other');
  });
});
