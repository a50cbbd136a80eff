import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type OwnServer, startProgram } from './server.ts';

/** Debian's command refuses to run as another user than its own; the script beneath it does not. */
const scripts = ['/usr/lib/rabbitmq/bin/rabbitmq-server', '/usr/local/sbin/rabbitmq-server'];
/** The node's own port for other nodes, so that it does not meet that of another RabbitMQ on this machine. */
const DISTRIBUTION = 20_000;

/**
 * Starts a RabbitMQ of one node.
 *
 * @param options.settings further lines of its configuration, as `consumer_timeout = 60000`
 */
export function startRabbitmq(options: {
  folder: string;
  port: number;
  settings?: readonly string[];
}): Promise<OwnServer> {
  const { folder, port, settings = [] } = options;
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'rabbitmq.conf');
  writeFileSync(config, [`listeners.tcp.1 = 127.0.0.1:${port}`, ...settings, ''].join('\n'));
  for (const empty of ['environment', 'plugins'])
    writeFileSync(join(folder, empty), empty === 'plugins' ? '[].\n' : '');
  return startProgram({
    name: 'rabbitmq',
    command: scripts.find((script) => existsSync(script)) ?? 'rabbitmq-server',
    args: [],
    environment: {
      RABBITMQ_NODENAME: `weave-${port}@localhost`,
      RABBITMQ_NODE_PORT: String(port),
      RABBITMQ_DIST_PORT: String((port % 10_000) + DISTRIBUTION),
      RABBITMQ_CONFIG_FILE: config,
      RABBITMQ_CONF_ENV_FILE: join(folder, 'environment'),
      RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'plugins'),
      RABBITMQ_MNESIA_BASE: join(folder, 'data'),
      RABBITMQ_LOG_BASE: join(folder, 'log'),
    },
    folder,
    port,
    url: `amqp://guest:guest@127.0.0.1:${port}`,
  });
}
