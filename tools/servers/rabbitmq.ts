import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '@weave-nn/testing';
import { type OwnServer, type Placed, startProgram } from './server.ts';

const run = promisify(execFile);

/** Debian's commands refuse to run as another user than its own; the scripts beneath them do not. */
const folders = ['/usr/lib/rabbitmq/bin', '/usr/local/sbin'];

function scriptOf(name: string): string {
  const found = folders.map((folder) => join(folder, name)).find((script) => existsSync(script));
  return found ?? name;
}

/** A RabbitMQ of one's own, and what only such a one lets be done to it. */
export interface OwnRabbitmq extends OwnServer {
  /** Has an Erlang expression evaluated inside; answers what came of it. */
  evaluate(expression: string): Promise<string>;
  /** All that it has logged. */
  log(): string;
}

/**
 * Starts a RabbitMQ of one node.
 *
 * @param options.settings further lines of its configuration, as `consumer_timeout = 60000`
 * @param options.erlang further arguments of its Erlang machine, as `-rabbit channel_tick_interval 1000`
 */
export async function startRabbitmq(
  options: Placed & { settings?: readonly string[]; erlang?: string | undefined },
): Promise<OwnRabbitmq> {
  const { folder, port, under = [], settings = [], erlang = '' } = options;
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'rabbitmq.conf');
  const logs = join(folder, 'log');
  const node = `weave-${port}@localhost`;
  writeFileSync(config, [`listeners.tcp.1 = 127.0.0.1:${port}`, ...settings, ''].join('\n'));
  for (const empty of ['environment', 'plugins'])
    writeFileSync(join(folder, empty), empty === 'plugins' ? '[].\n' : '');
  const [command = '', ...before] = [...under, scriptOf('rabbitmq-server')];
  const server = await startProgram({
    name: 'rabbitmq',
    command,
    args: before,
    environment: {
      RABBITMQ_NODENAME: node,
      RABBITMQ_NODE_PORT: String(port),
      // The node's own port for other nodes.
      RABBITMQ_DIST_PORT: String(await freePort()),
      RABBITMQ_CONFIG_FILE: config,
      RABBITMQ_CONF_ENV_FILE: join(folder, 'environment'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
      RABBITMQ_MNESIA_BASE: join(folder, 'data'),
      RABBITMQ_LOG_BASE: logs,
      RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: erlang,
    },
    folder,
    port,
    url: `amqp://guest:guest@127.0.0.1:${port}`,
  });
  return {
    ...server,
    async evaluate(expression) {
      const environment = { PATH: process.env.PATH, HOME: folder, RABBITMQ_CONF_ENV_FILE: join(folder, 'environment') };
      const { stdout } = await run(scriptOf('rabbitmqctl'), ['-n', node, 'eval', expression], { env: environment });
      return stdout.trim();
    },
    log: () =>
      readdirSync(logs)
        .map((file) => readFileSync(join(logs, file), 'utf8'))
        .join(''),
  };
}
