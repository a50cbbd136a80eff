import { mkdirSync } from 'node:fs';
import { type OwnServer, startProgram } from './server.ts';

/** Starts Redis; it keeps nothing on disk. */
export function startRedis({ folder, port }: { folder: string; port: number }): Promise<OwnServer> {
  mkdirSync(folder, { recursive: true });
  return startProgram({
    name: 'redis',
    command: 'redis-server',
    args: ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder],
    environment: {},
    folder,
    port,
    url: `redis://127.0.0.1:${port}`,
  });
}
