import { execFileSync } from 'node:child_process';
import { existsSync, globSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type OwnServer, type Placed, startProgram } from './server.ts';

function programFolder(): string {
  const found = globSync('/usr/lib/postgresql/*/bin').sort().at(-1);
  return found ?? '';
}

/** PostgreSQL refuses to run as root; then it runs as its own user. */
function asOwnUser(folder: string): string[] {
  if (process.getuid?.() !== 0) return [];
  execFileSync('chown', ['-R', 'postgres', folder]);
  return ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'];
}

/** Starts a PostgreSQL with one user, `postgres`, who needs no password from this machine. */
export function startPostgresql({ folder, port, under = [] }: Placed): Promise<OwnServer> {
  const data = join(folder, 'data');
  mkdirSync(folder, { recursive: true });
  const prefix = asOwnUser(folder);
  const program = (name: string) => join(programFolder(), name);
  const [command = '', ...before] = [...under, ...prefix, program('postgres')];
  if (!existsSync(join(data, 'PG_VERSION'))) {
    const [first = '', ...others] = [...prefix, program('initdb'), '-D', data, '-U', 'postgres', '-A', 'trust', '-N'];
    execFileSync(first, others, { cwd: folder, stdio: 'ignore' });
  }
  return startProgram({
    name: 'postgresql',
    command,
    args: [...before, '-D', data, '-p', String(port), '-c', 'listen_addresses=127.0.0.1', '-k', folder],
    environment: {},
    folder,
    port,
    url: `postgresql://postgres@127.0.0.1:${port}/postgres`,
    // On SIGTERM it would wait until every client has gone by itself.
    gentle: 'SIGINT',
  });
}
