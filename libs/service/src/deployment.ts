import { type ServiceName, serviceNames, variablePrefix } from '@weave-nn/clients';
import { type Environment, SettingError } from '@weave-nn/config';
import type { ServiceDefinition } from './definition.ts';
import type { ProcessSettings } from './process-settings.ts';

/** Which services run here, and where the others are. */
export interface Deployment {
  mounted: readonly ServiceDefinition[];
  /** The URLs of services named by a `*_SERVICE_URL`. */
  remote: ReadonlyMap<ServiceName, readonly string[]>;
  /** The database of a service: a URL of PostgreSQL, undefined for a SQLite file of its own. */
  databaseUrl(service: string): string | undefined;
}

function chooseMounted(definitions: readonly ServiceDefinition[], mount: string | undefined): ServiceDefinition[] {
  if (mount === undefined) return [...definitions];
  const wanted = new Set(mount.split(',').map((name) => name.trim()));
  const known = definitions.map(({ name }) => name);
  const unknown = [...wanted].find((name) => !known.includes(name));
  if (unknown !== undefined || wanted.size === 0) {
    throw new SettingError('MOUNT', `some of ${known.join(', ')}, separated by commas`, JSON.stringify(mount));
  }
  return definitions.filter(({ name }) => wanted.has(name));
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
  const databaseUrl = (service: string) =>
    environment[`${variablePrefix(service)}_DATABASE_URL`] || settings.DATABASE_URL;

  for (const service of serviceNames) {
    const variable = `${variablePrefix(service)}_SERVICE_URL`;
    const value = environment[variable];
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
