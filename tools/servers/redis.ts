import { mkdirSync } from 'node:fs';
import { type OwnServer, type Placed, startProgram } from './server.ts';

/** Starts Redis; it keeps nothing on disk. */
export function startRedis({ folder, port, under = [] }: Placed): Promise<OwnServer> {
  mkdirSync(folder, { recursive: true });
  const [command = '', ...before] = [...under, 'redis-server'];
  return startProgram({
    name: 'redis',
    command,
    args: [
      ...before,
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      folder,
    ],
    environment: {},
    folder,
    port,
    url: `redis://127.0.0.1:${port}`,
  });
}
