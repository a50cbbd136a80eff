import { createHash } from 'node:crypto';
import type { ProcessSettings } from './process-settings.ts';

const DIGITS = 16;

/**
 * What the keys in Redis begin with: the same for all processes of a system, and another for every other that has the
 * same Redis, since what one keeps must never be an answer of another. The processes of a system share a secret and a
 * virtual host.
 */
export function cachePrefix(
  settings: Pick<ProcessSettings, 'RABBITMQ_URL' | 'RABBITMQ_EXCHANGE' | 'VAULT_ID'>,
  signingKey: string,
): string {
  const { RABBITMQ_URL: url, RABBITMQ_EXCHANGE: exchange, VAULT_ID: vaultId } = settings;
  const host = url !== undefined && URL.canParse(url) ? new URL(url).pathname : '';
  const system = createHash('sha256').update(`${signingKey}\n${host}`).digest('hex').slice(0, DIGITS);
  return `${exchange}:${vaultId}:${system}`;
}
