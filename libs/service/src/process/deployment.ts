import { resolve } from 'node:path';
import { type ServiceName, serviceNames, variablePrefix } from '@weave-nn/clients';
import { type Environment, readVariable, SettingError } from '@weave-nn/config';
import type { ServiceDefinition } from '../definition.ts';
import { defaultDataDirectory, serviceDataDirectory } from './instance.ts';
import type { ProcessSettings } from './process-settings.ts';

/** Which services run here, and where the others are. */
export interface Deployment {
  mounted: readonly ServiceDefinition[];
  /** The URLs of services named by a `*_SERVICE_URL`. */
  remote: ReadonlyMap<ServiceName, readonly string[]>;
  /** The database of a service: a URL of PostgreSQL, undefined for a SQLite file of its own. */
  databaseUrl(service: string): string | undefined;
}

/**
 * The services that run here.
 *
 * @param mount their names, separated by commas; all when undefined
 * @throws SettingError for a name that is none
 */
export function chooseMounted(
  definitions: readonly ServiceDefinition[],
  mount: string | undefined,
): ServiceDefinition[] {
  if (mount === undefined) return [...definitions];
  const wanted = new Set(mount.split(',').map((name) => name.trim()));
  const known = definitions.map(({ name }) => name);
  const unknown = [...wanted].find((name) => !known.includes(name));
  if (unknown !== undefined || wanted.size === 0) {
    throw new SettingError('MOUNT', `some of ${known.join(', ')}, separated by commas`, JSON.stringify(mount));
  }
  return definitions.filter(({ name }) => wanted.has(name));
}

/**
 * Where the process keeps what it makes: where it is told, a folder of the vault, or one of the only service.
 *
 * @throws SettingError when that depends on a vault that is not there
 */
export function chooseDataDirectory(
  settings: ProcessSettings,
  mounted: readonly ServiceDefinition[],
  environment: Environment,
): string {
  if (settings.DATA_DIR !== undefined) return resolve(settings.DATA_DIR);
  const [only, ...others] = mounted;
  if (only && others.length === 0) return serviceDataDirectory(only.name, settings.VAULT_ID, environment);
  try {
    return defaultDataDirectory(settings.VAULT_PATH ?? '', environment);
  } catch {
    throw new SettingError('VAULT_PATH', 'a folder that exists', JSON.stringify(settings.VAULT_PATH ?? ''));
  }
}

/** The database of a service: a URL of PostgreSQL, undefined for a SQLite file of its own. */
export function databaseUrlOf(
  service: string,
  settings: ProcessSettings,
  environment: Environment,
): string | undefined {
  return readVariable(environment, `${variablePrefix(service)}_DATABASE_URL`) ?? settings.DATABASE_URL;
}

function readUrls(name: string, value: string): string[] {
  const urls = value.split(',').map((url) => url.trim().replace(/\/$/, ''));
  const wrong = urls.find((url) => !/^https?:$/.test(URL.parse(url)?.protocol ?? ''));
  if (wrong !== undefined) {
    throw new SettingError(name, 'http://host:port, several separated by commas', JSON.stringify(wrong));
  }
  return urls;
}

/**
 * Reads from the settings what runs where, and refuses what could lose an event or an answer.
 *
 * @throws SettingError for the variable that is wrong or missing
 */
export function planDeployment(
  definitions: readonly ServiceDefinition[],
  settings: ProcessSettings,
  environment: Environment,
): Deployment {
  const mounted = chooseMounted(definitions, settings.MOUNT);
  const isMounted = (service: string) => mounted.some(({ name }) => name === service);
  const remote = new Map<ServiceName, readonly string[]>();
  const databaseUrl = (service: string) => databaseUrlOf(service, settings, environment);

  for (const service of serviceNames) {
    const variable = `${variablePrefix(service)}_SERVICE_URL`;
    const value = readVariable(environment, variable);
    if (!value) continue;
    if (!settings.RABBITMQ_URL) {
      throw new SettingError(
        'RABBITMQ_URL',
        `amqp://…, since ${variable} names a service in another process`,
        'nothing',
      );
    }
    if (isMounted(service) && !databaseUrl(service)) {
      throw new SettingError(
        'DATABASE_URL',
        `postgresql://…, since ${service} is mounted here and named by ${variable} as well`,
        'nothing',
      );
    }
    remote.set(service, readUrls(variable, value));
  }
  for (const { name, needs = [] } of mounted) {
    const missing = needs.find((needed) => !isMounted(needed) && !remote.has(needed));
    if (missing === undefined) continue;
    const variable = `${variablePrefix(missing)}_SERVICE_URL`;
    throw new SettingError(variable, `the URL of the service ${missing}, which ${name} needs`, 'nothing');
  }
  const isWhole = mounted.some(({ facesClients }) => facesClients) && remote.size === 0;
  if (!isWhole && !settings.SERVICE_SIGNING_KEY) {
    throw new SettingError(
      'SERVICE_SIGNING_KEY',
      'the key of at least 32 characters that all processes of the system share',
      'nothing',
    );
  }
  return { mounted, remote, databaseUrl };
}
