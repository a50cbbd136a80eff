import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import pg from 'pg';

const run = promisify(execFile);

const postgresql = process.env.TEST_DATABASE_URL ?? 'postgresql://postgres@127.0.0.1:5432/test';
const rabbitmq = process.env.TEST_RABBITMQ_URL ?? 'amqp://guest:guest@127.0.0.1:5672';
const redis = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379';

/** A database and a virtual host that only one system under test uses. */
export interface OwnServers {
  /** The settings that make a process use them. */
  environment: Record<string, string>;
  databaseUrl: string;
  remove(): Promise<void>;
}

async function onPostgresql(text: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgresql });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

function withPath(url: string, path: string): string {
  const changed = new URL(url);
  changed.pathname = `/${path}`;
  return changed.href;
}

/** Makes a database and a virtual host on the servers that tests use. */
export async function claimServers(): Promise<OwnServers> {
  const name = `weave_test_${randomBytes(6).toString('hex')}`;
  const user = decodeURIComponent(new URL(rabbitmq).username || 'guest');
  await Promise.all([
    onPostgresql(`CREATE DATABASE ${name}`),
    run('rabbitmqctl', ['add_vhost', name]).then(() =>
      run('rabbitmqctl', ['set_permissions', '-p', name, user, '.*', '.*', '.*']),
    ),
  ]);
  const databaseUrl = withPath(postgresql, name);
  return {
    databaseUrl,
    environment: { DATABASE_URL: databaseUrl, RABBITMQ_URL: withPath(rabbitmq, name), REDIS_URL: redis },
    async remove() {
      await Promise.all([
        onPostgresql(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
        run('rabbitmqctl', ['delete_vhost', name]),
      ]);
    },
  };
}
