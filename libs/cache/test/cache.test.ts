import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Cache } from '../src/index.ts';
import { countComputations } from './fixture/counting.ts';
import { type Opened, providers } from './fixture/provider.ts';

for (const { provider, answers, open } of providers) {
  describe.skipIf(!answers)(`a cache in ${provider}`, () => {
    let opened: Opened;
    let cache: Cache;
    beforeEach(async () => {
      opened = await open();
      cache = opened.cache;
    });
    afterEach(() => opened?.close());

    test('computes a value once', async () => {
      const get = countComputations(cache, 'a');
      expect([await get(), await get()]).toEqual([1, 1]);
    });

    test('computes once for all who ask at the same time', async () => {
      const get = countComputations(cache, 'a', ['t']);
      expect(await Promise.all([get(), get(), get()])).toEqual([1, 1, 1]);
    });

    test('keeps nothing of a failed computation, which fails for all who waited', async () => {
      const { promise, reject } = Promise.withResolvers<string>();
      const compute = vi.fn(() => promise);
      const answers = Promise.allSettled([1, 2].map(() => cache.getOrCompute('a', { ttl: 1_000 }, compute)));
      await vi.waitFor(() => expect(compute).toHaveBeenCalled());
      reject(new Error('no such note'));
      expect(await answers).toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
      expect(compute).toHaveBeenCalledOnce();
      expect(await cache.getOrCompute('a', { ttl: 1_000 }, () => 'found')).toBe('found');
    });

    test.each([[null], [false], [0], [''], ['Überblick 🗺 \n'], [{ list: [1, { deep: null }] }]])(
      'gives back %j',
      async (value) => {
        const compute = vi.fn(() => value);
        expect(await cache.getOrCompute('a', { ttl: 1_000 }, compute)).toEqual(value);
        expect(await cache.getOrCompute('a', { ttl: 1_000 }, compute)).toEqual(value);
        expect(compute).toHaveBeenCalledOnce();
      },
    );

    test('keeps neither nothing nor what is too large', async () => {
      for (const value of [undefined, 'x'.repeat(1_000_000)]) {
        const compute = vi.fn(() => value);
        await cache.getOrCompute('a', { ttl: 1_000 }, compute);
        expect(await cache.getOrCompute('a', { ttl: 1_000 }, compute)).toBe(value);
        expect(compute).toHaveBeenCalledTimes(2);
      }
    });

    test('says of a value that JSON cannot hold what is wrong with it', async () => {
      await expect(cache.getOrCompute('a', { ttl: 1_000 }, () => 1n)).rejects.toThrow(TypeError);
    });

    test('lets nobody change what is kept', async () => {
      const get = () => cache.getOrCompute('a', { ttl: 1_000 }, () => ({ tags: ['home'] }));
      for (let times = 0; times < 3; times++) {
        const value = await get();
        expect(value.tags).toEqual(['home']);
        value.tags.push('changed');
      }
    });

    test('keeps keys apart, whatever is in them', async () => {
      const keys = ['a', 'a:b', 'a b', 'ä', '', 'a\nb', '*'];
      for (const key of keys) await cache.getOrCompute(key, { ttl: 1_000 }, () => key);
      for (const key of keys) expect(await cache.getOrCompute(key, { ttl: 1_000 }, () => 'lost')).toBe(key);
    });

    test('drops the values of a tag, and no others', async () => {
      const both = countComputations(cache, 'both', ['x', 'y']);
      const other = countComputations(cache, 'other', ['y']);
      const untagged = countComputations(cache, 'untagged');
      await Promise.all([both(), other(), untagged()]);
      await cache.invalidate(['x']);
      expect(await Promise.all([both(), other(), untagged()])).toEqual([2, 1, 1]);
      await cache.invalidate(['y', 'x', 'y']);
      expect(await Promise.all([both(), other(), untagged()])).toEqual([3, 2, 1]);
    });

    test('takes tags in any order, and more than once', async () => {
      const compute = vi.fn(() => 'value');
      await cache.getOrCompute('a', { ttl: 1_000, tags: ['x', 'y'] }, compute);
      await cache.getOrCompute('a', { ttl: 1_000, tags: ['y', 'x', 'y'] }, compute);
      expect(compute).toHaveBeenCalledOnce();
    });

    test('does not take a value with other tags for the one asked for', async () => {
      expect(await cache.getOrCompute('a', { ttl: 1_000, tags: ['x'] }, () => 1)).toBe(1);
      expect(await cache.getOrCompute('a', { ttl: 1_000, tags: ['y'] }, () => 2)).toBe(2);
    });

    test('gives nobody who comes after an invalidation what was computed before it', async () => {
      const first = Promise.withResolvers<string>();
      const compute = vi.fn(() => first.promise);
      const get = (how: () => string | Promise<string>) => cache.getOrCompute('a', { ttl: 1_000, tags: ['x'] }, how);
      const before = get(compute);
      await vi.waitFor(() => expect(compute).toHaveBeenCalled());
      await cache.invalidate(['x']);
      const during = get(() => 'new');
      expect(await during).toBe('new');
      first.resolve('old');
      expect(await before).toBe('old');
      expect(await get(() => 'lost')).toBe('new');
    });

    test('does not keep what was invalidated or deleted while it was computed', async () => {
      for (const drop of [() => cache.invalidate(['x']), () => cache.delete('a')]) {
        const first = Promise.withResolvers<string>();
        const compute = vi.fn(() => first.promise);
        const before = cache.getOrCompute('a', { ttl: 1_000, tags: ['x'] }, compute);
        await vi.waitFor(() => expect(compute).toHaveBeenCalled());
        await drop();
        first.resolve('old');
        expect(await before).toBe('old');
        expect(await cache.getOrCompute('a', { ttl: 1_000, tags: ['x'] }, () => 'new')).toBe('new');
        await cache.invalidate(['x']);
      }
    });

    test('deletes one value', async () => {
      const [a, b] = [countComputations(cache, 'a', ['x']), countComputations(cache, 'b', ['x'])];
      await Promise.all([a(), b()]);
      await cache.delete('a');
      await cache.delete('never kept');
      expect(await Promise.all([a(), b()])).toEqual([2, 1]);
    });

    test('ends a value when its time is over', async () => {
      const get = countComputations(cache, 'a', ['x'], 200);
      await get();
      await vi.waitFor(async () => {
        opened.runtime.advance(200);
        expect(await get()).toBeGreaterThan(1);
      });
    });

    test('is well, and computes on when it has been closed', async () => {
      expect(cache.status().status).toBe('ok');
      await cache.close();
      expect(await cache.getOrCompute('a', { ttl: 1_000 }, () => 1)).toBe(1);
      await cache.invalidate(['x']);
    });
  });
}
