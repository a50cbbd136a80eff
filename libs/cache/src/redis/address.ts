import { isIP } from 'node:net';
import type { RedisOptions } from 'ioredis';
import { CacheError } from '../errors.ts';

/** Where Redis is. */
export interface Address {
  /** Host and port, as messages name it. */
  label: string;
  /** What is connected to, the password included. */
  options: Pick<RedisOptions, 'host' | 'port' | 'db' | 'username' | 'password' | 'tls'>;
}

const DEFAULT_PORT = 6379;

function refuse(): never {
  // Without a cause: the errors of URL carry the whole text, and so the password.
  throw new CacheError('redis-address-invalid', 'the address of Redis is no redis:// or rediss:// URL');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse();
  }
}

/**
 * Reads the address of Redis (iana.org/assignments/uri-schemes/prov/redis).
 *
 * @throws CacheError `redis-address-invalid` when it is none
 */
export function parseAddress(text: string): Address {
  if (!URL.canParse(text)) refuse();
  const url = new URL(text);
  const database = /^\/?(\d*)$/.exec(url.pathname)?.[1];
  if (!['redis:', 'rediss:'].includes(url.protocol) || !url.hostname || database === undefined) refuse();
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const port = Number(url.port) || DEFAULT_PORT;
  const options: Address['options'] = { host, port, db: Number(database) };
  if (url.username) options.username = decode(url.username);
  if (url.password) options.password = decode(url.password);
  if (url.protocol === 'rediss:') options.tls = isIP(host) ? {} : { servername: host };
  return { label: `${url.hostname}:${port}`, options };
}
