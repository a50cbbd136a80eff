import { isIP } from 'node:net';
import { SettingError } from '@weave-nn/config';

/** Networks that have a name: this machine, and those that are reached from inside only (RFC 1918, RFC 4193). */
const named = new Set(['loopback', 'linklocal', 'uniquelocal']);

function isNetwork(text: string): boolean {
  const [address = '', prefix, ...others] = text.split('/');
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  return (
    others.length === 0 && bits > 0 && (prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bits))
  );
}

/**
 * Reads which proxies are believed when they say, in `X-Forwarded-For`, for whose address they ask.
 *
 * @param value addresses and networks, separated by commas
 * @throws SettingError for one that is none
 */
export function readTrustedProxies(value: string | undefined): string[] {
  const proxies = (value ?? '').split(',').map((each) => each.trim());
  const wrong = proxies.find((each) => each !== '' && !named.has(each) && !isNetwork(each));
  if (wrong !== undefined) {
    throw new SettingError(
      'TRUSTED_PROXIES',
      `addresses, networks such as 10.0.0.0/8, or ${[...named].join(', ')}, separated by commas`,
      JSON.stringify(wrong),
    );
  }
  return proxies.filter((each) => each !== '');
}
