import { until } from '@weave-nn/testing';
import { describe, expect, test } from 'vitest';
import { startGateway } from './fixture/gateway.ts';

describe('limits of an address', () => {
  test.each([
    ['that a trusted network names', '192.0.2.1, 127.0.0.0/8', 401],
    ['that a trusted proxy names', '127.0.0.1', 401],
    ['are of the proxy where only others are trusted', '192.0.2.1', 429],
    ['are of the proxy where nobody is trusted', '', 429],
  ])('%s', async (_title, proxies, status) => {
    const gateway = await startGateway({ environment: { AUTH_RATE_LIMIT: '1', TRUSTED_PROXIES: proxies } });
    const wrongKeyFrom = async (address: string) =>
      (await gateway.as('no').call('/v1/files', { headers: { 'x-forwarded-for': address } })).status;
    try {
      await until('the first address is kept out', async () => (await wrongKeyFrom('203.0.113.1')) === 429);
      expect(await wrongKeyFrom('203.0.113.2')).toBe(status);
    } finally {
      await gateway.stop();
    }
  });

  test.each(['nobody', '10.0.0.0/33', '10.0.0.1/8/8', 'loopback;10.0.0.1', '::1/129'])(
    'are not begun with %s as a proxy',
    async (proxies) => {
      const started = startGateway({ environment: { TRUSTED_PROXIES: proxies } });
      await expect(started).rejects.toThrow('TRUSTED_PROXIES: expected addresses');
    },
  );
});
