import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Environment, withEnvFile } from '@weave-nn/config';
import { defaultDataDirectory } from '@weave-nn/service/instance';

/** The small vault that is served when none is named. */
const exampleVault = fileURLToPath(new URL('../example-vault', import.meta.url));

/** Options of every command. */
export interface Options {
  vault?: string;
  data?: string;
  host?: string;
  port?: string;
  url?: string;
  keyFile?: string;
  json?: boolean;
}

/** The settings, with what the command line says above what the environment says. */
export function environmentOf(options: Options): Environment {
  const given = withEnvFile(process.cwd(), process.env);
  return {
    ...given,
    VAULT_PATH: options.vault ?? (given.VAULT_PATH || exampleVault),
    ...(options.data === undefined ? {} : { DATA_DIR: options.data }),
    ...(options.host === undefined ? {} : { HOST: options.host }),
    ...(options.port === undefined ? {} : { PORT: options.port }),
    // A vault that is named is one on this machine, whatever the environment says.
    ...(options.url === undefined && (options.vault ?? options.data) !== undefined ? { WEAVE_URL: '' } : {}),
    ...(options.url === undefined ? {} : { WEAVE_URL: options.url }),
    ...(options.keyFile === undefined ? {} : { WEAVE_API_KEY: '', WEAVE_API_KEY_FILE: options.keyFile }),
  };
}

/** The data directory these settings mean; undefined when the vault it is named after is not there. */
export function dataDirectoryOf(environment: Environment): string | undefined {
  if (environment.DATA_DIR) return resolve(environment.DATA_DIR);
  try {
    return defaultDataDirectory(environment.VAULT_PATH ?? '', environment);
  } catch {
    return undefined;
  }
}
