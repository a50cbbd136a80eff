import { type Static, setting, Type } from '@weave-nn/config';

/** The settings of a process, whatever it mounts. */
export const ProcessSettings = Type.Object({
  MOUNT: setting.optional({ description: 'the services in this process, separated by commas; all when unset' }),
  SERVICE_NAME: setting.optional({ description: 'how the process calls itself in logs and traces' }),
  VAULT_PATH: setting.optional({ description: 'the folder of notes; only the services file and git need it' }),
  VAULT_ID: setting.text({
    description: 'the name of the vault in events',
    default: 'default',
    pattern: '^[A-Za-z0-9_-]{1,64}$',
    expected: 'up to 64 letters, digits, - or _',
  }),
  HOST: setting.text({ description: 'the address to listen on', default: '127.0.0.1' }),
  PORT: Type.Optional(
    Type.Integer({ description: "the port to listen on; the service's own when unset", minimum: 0, maximum: 65535 }),
  ),
  LOG_LEVEL: setting.choice(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], {
    description: 'the least that is logged',
    default: 'info',
  }),
  DATA_DIR: setting.optional({ description: 'where databases and keys are kept' }),
  DATABASE_URL: setting.secret({
    description: 'a PostgreSQL server with a schema for each service; SQLite files in the data directory when unset',
    pattern: '^postgres(ql)?://',
    expected: 'postgresql://user:password@host:port/database',
  }),
  DATABASE_POOL_SIZE: setting.integer({
    description: 'the most connections that each service opens to PostgreSQL',
    default: 10,
    minimum: 2,
    maximum: 500,
  }),
  RABBITMQ_URL: setting.secret({
    description: 'a RabbitMQ server; the embedded broker when unset',
    pattern: '^amqps?://',
    expected: 'amqp://user:password@host:port/vhost',
  }),
  RABBITMQ_EXCHANGE: setting.text({ description: 'the exchange of events', default: 'weave-nn.events' }),
  RABBITMQ_WAIT_MS: setting.integer({
    description: 'milliseconds for which a start waits for RabbitMQ',
    default: 30_000,
    minimum: 0,
    maximum: 600_000,
  }),
  REDIS_URL: setting.secret({
    description: 'a Redis server; memory when unset',
    pattern: '^rediss?://',
    expected: 'redis://user:password@host:port/number',
  }),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting.optional({
    description: 'where traces are sent (OTLP over HTTP); nothing is recorded when unset',
    pattern: '^https?://[^/\\s]+',
    expected: 'http://host:port',
  }),
  METRICS_API_KEY: setting.secret({
    description: 'the key of /metrics, which opens nothing else; /metrics needs no key when unset',
    minLength: 16,
    expected: 'at least 16 characters',
  }),
  MIGRATE_ON_START: setting.boolean({ description: 'bring the tables up to date at start', default: true }),
  SERVICE_SIGNING_KEY: setting.secret({
    description: 'signs the calls between services; generated in the data directory when unset',
    minLength: 32,
    expected: 'at least 32 characters',
  }),
  TRUSTED_PROXIES: setting.optional({
    description: 'the proxies in front that are believed when they say whose request it is; none when unset',
  }),
  DRAIN_MS: setting.integer({
    description: 'milliseconds from saying not ready to taking no more connections',
    default: 0,
    minimum: 0,
    maximum: 8_000,
  }),
});

export type ProcessSettings = Static<typeof ProcessSettings>;
