import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { stringify } from 'yaml';

/** Where the stores are found, which their addresses need. */
export interface StoreHosts {
  postgresql: string;
  rabbitmq: string;
  redis: string;
}

/** Random text that needs no escaping in a URL or a configuration file. */
function secret(): string {
  return randomBytes(32).toString('base64url');
}

/** Keys and passwords for a new system, each by the name of its file. */
export function makeSecrets({ postgresql, rabbitmq, redis }: StoreHosts): Record<string, string> {
  const passwords = { postgresql: secret(), rabbitmq: secret(), redis: secret() };
  return {
    postgresql_password: passwords.postgresql,
    database_url: `postgresql://weave:${passwords.postgresql}@${postgresql}:5432/weave`,
    rabbitmq_user: `default_user = weave\ndefault_pass = ${passwords.rabbitmq}\n`,
    rabbitmq_url: `amqp://weave:${passwords.rabbitmq}@${rabbitmq}:5672`,
    rabbitmq_cookie: secret(),
    redis_conf: `requirepass ${passwords.redis}\n`,
    redis_password: passwords.redis,
    redis_url: `redis://:${passwords.redis}@${redis}:6379`,
    signing_key: secret(),
    api_key: secret(),
    n8n_encryption_key: secret(),
  };
}

/**
 * Writes secrets as files that containers get mounted. The folder is the owner's alone; the files can be read by the
 * users that containers run as, which are none of this machine.
 *
 * @throws Error when there are secrets already: stores keep the passwords that they were made with
 */
function writeSecrets(folder: string, secrets: Readonly<Record<string, string>>): void {
  if (existsSync(folder)) throw new Error(`${folder} is there already; the stores know its passwords, so it is kept`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [name, value] of Object.entries(secrets)) writeFileSync(join(folder, name), value, { mode: 0o644 });
}

/** Where the stores of each overlay are: in production the operators' services lead to the copy that takes writes. */
export const overlayHosts: Readonly<Record<string, StoreHosts>> = {
  dev: { postgresql: 'postgresql', rabbitmq: 'rabbitmq', redis: 'redis' },
  production: { postgresql: 'postgresql-rw', rabbitmq: 'rabbitmq', redis: 'redis-master' },
};

/** The same as Secrets of Kubernetes, whose keys have dashes: one for services and stores, one as CloudNativePG wants it. */
export function secretManifests(secrets: Readonly<Record<string, string>>): string {
  const stringData = Object.fromEntries(
    Object.entries(secrets).map(([name, value]) => [name.replaceAll('_', '-'), value]),
  );
  const database = { username: 'weave', password: secrets.postgresql_password };
  const manifests = [
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'weave-nn' }, type: 'Opaque', stringData },
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'weave-nn-database' },
      type: 'kubernetes.io/basic-auth',
      stringData: database,
    },
  ];
  return manifests.map((manifest) => stringify(manifest)).join('---\n');
}

/** Writes files for Compose, or with `--kubernetes OVERLAY` prints Secrets for `kubectl apply --filename -`. */
function main(): void {
  const { values } = parseArgs({ options: { kubernetes: { type: 'string' } } });
  if (values.kubernetes !== undefined) {
    const hosts = overlayHosts[values.kubernetes];
    if (!hosts) throw new Error(`--kubernetes takes one of ${Object.keys(overlayHosts).join(', ')}`);
    process.stdout.write(secretManifests(makeSecrets(hosts)));
    return;
  }
  const folder = 'docker/secrets';
  writeSecrets(folder, makeSecrets({ postgresql: 'postgresql', rabbitmq: 'rabbitmq', redis: 'redis' }));
  process.stdout.write(`the secrets are in ${folder}; the key of requests is ${folder}/api_key\n`);
}

if (import.meta.main) {
  try {
    main();
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
