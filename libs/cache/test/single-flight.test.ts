import { expect, test, vi } from 'vitest';
import { openCache } from '../src/index.ts';
import { openDetour } from './fixture/detour.ts';
import { enterRoom, redisAnswers } from './fixture/redis.ts';
import { collectReports } from './fixture/reports.ts';
import { createControlledRuntime } from './fixture/runtime.ts';

test.skipIf(!redisAnswers)(
  'a computation is shared with who asked before it ended, and with nobody after',
  async () => {
    const [room, detour] = [await enterRoom(), await openDetour()];
    const { report, messages } = collectReports();
    const runtime = createControlledRuntime();
    const cache = await openCache({ url: detour.url, prefix: room.prefix, runtime, report });
    // Too large to be kept, so that everybody misses it.
    const large = (text: string) => text.repeat(1_000_000);
    const { promise, resolve } = Promise.withResolvers<string>();
    const compute = vi.fn(() => Promise.resolve(large('b'))).mockReturnValueOnce(promise);
    const get = () => cache.getOrCompute('a', { ttl: 1_000 }, compute);

    const first = get();
    await vi.waitFor(() => expect(compute).toHaveBeenCalledTimes(1));
    detour.stall();
    const before = get();
    resolve(large('a'));
    await first;
    const after = get();
    detour.resume();
    expect((await before).at(0)).toBe('a');
    expect((await after).at(0)).toBe('b');

    await cache.close();
    await detour.close();
    await room.leave();
    expect(messages).toEqual([]);
  },
);
