import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { startPostgresql } from './postgresql.ts';
import { startRabbitmq } from './rabbitmq.ts';
import { startRedis } from './redis.ts';
import { accepts } from './server.ts';

const servers = [
  { name: 'postgresql', port: 5432, start: startPostgresql },
  { name: 'rabbitmq', port: 5672, start: startRabbitmq },
  { name: 'redis', port: 6379, start: startRedis },
];

function say(line: string) {
  process.stdout.write(`${line}\n`);
}

/** Whether a container engine runs here; its client alone is of no use. */
function hasEngine(): boolean {
  return spawnSync('docker', ['info'], { stdio: 'ignore' }).status === 0;
}

async function startMissing(): Promise<void> {
  const folder = join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local/share'), 'weave-nn-servers');
  mkdirSync(folder, { recursive: true });
  for (const { name, port, start } of servers) {
    if (await accepts(port)) {
      say(`${name.padEnd(11)} answers at port ${port} already`);
      continue;
    }
    await start({ folder: join(folder, name), port });
    say(`${name.padEnd(11)} started at port ${port}; its data and log are in ${join(folder, name)}`);
  }
}

if (hasEngine()) {
  const compose = ['compose', '-f', 'docker/compose.dev.yml', 'up', '--detach', '--wait'];
  process.exitCode = spawnSync('docker', compose, { stdio: 'inherit' }).status ?? 1;
} else {
  say('no container engine runs here; the programs of this system are started instead');
  try {
    await startMissing();
    process.exit(0);
  } catch (error) {
    say(`${(error as Error).message}\ninstall it: apt-get install postgresql rabbitmq-server redis-server`);
    process.exit(1);
  }
}
