import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { type Environment, SettingError, setting } from '@weave-nn/config';
import { type Static, Type } from 'typebox';

/** The settings of a process, whatever it mounts. */
export const ProcessSettings = Type.Object({
  VAULT_PATH: setting.text({ description: 'the folder of notes' }),
  VAULT_ID: setting.text({
    description: 'the name of the vault in events',
    default: 'default',
    pattern: '^[A-Za-z0-9_-]{1,64}$',
    expected: 'up to 64 letters, digits, - or _',
  }),
  HOST: setting.text({ description: 'the address to listen on', default: '127.0.0.1' }),
  PORT: Type.Optional(
    setting.integer({ description: 'the port to listen on', default: 8000, minimum: 0, maximum: 65535 }),
  ),
  LOG_LEVEL: setting.choice(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    description: 'the least that is logged',
    default: 'info',
  }),
  DATA_DIR: setting.optional({ description: 'where databases and keys are kept' }),
  MIGRATE_ON_START: setting.boolean({ description: 'bring the tables up to date at start', default: true }),
  SERVICE_SIGNING_KEY: setting.secret({
    description: 'signs the calls between services; generated in the data directory when unset',
    minLength: 32,
    expected: 'at least 32 characters',
  }),
});

export type ProcessSettings = Static<typeof ProcessSettings>;

const notYet = ['DATABASE_URL', 'RABBITMQ_URL', 'REDIS_URL', 'OBSIDIAN_API_URL'];

/**
 * Refuses variables that ask for what this version cannot do, instead of passing over them.
 *
 * @throws SettingError for the first of them
 */
export function refuseUnsupported(environment: Environment): void {
  for (const [name, value] of Object.entries(environment)) {
    if (value && (notYet.includes(name) || name.endsWith('_SERVICE_URL'))) {
      throw new SettingError(name, 'to be unset (this version runs embedded, as one process)', 'a value');
    }
  }
}

/**
 * Where a vault's databases and keys are kept when nobody says: a folder of its own for each vault.
 *
 * @param vaultPath the vault's folder, which must exist
 */
export function defaultDataDirectory(vaultPath: string, environment: Environment): string {
  const real = realpathSync(resolve(vaultPath));
  const hash = createHash('sha256').update(real).digest('hex').slice(0, 12);
  const share = environment.XDG_DATA_HOME || join(homedir(), '.local', 'share');
  return join(share, 'weave-nn', `${basename(real) || 'vault'}-${hash}`);
}
