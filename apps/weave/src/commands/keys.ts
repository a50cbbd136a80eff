import { type ApiKey, type CreatedKey, type CreateKeyRequest, type Role, roles, scopes } from '@weave-nn/clients';
import { type Command, Option } from 'commander';
import type { AddCommand } from '../add-command.ts';
import { requireRunning } from '../connection.ts';
import { environmentOf, type Options } from '../environment.ts';
import { CommandError, exitCodes } from '../errors.ts';
import { print } from '../output.ts';

const PAGE = 1000;

interface CreateOptions extends Options {
  role: Role;
  scope?: CreateKeyRequest['scopes'];
  expires?: string;
}

const names = { name: '<name>', role: '--role', scopes: '--scope', expiresAt: '--expires' };

function stateOf({ revokedAt, expiresAt, lastUsedAt }: ApiKey): string {
  if (revokedAt !== null) return `revoked ${revokedAt}`;
  if (expiresAt !== null && Date.parse(expiresAt) <= Date.now()) return `expired ${expiresAt}`;
  return lastUsedAt === null ? 'never used' : `used ${lastUsedAt}`;
}

function describeKey(key: ApiKey): string {
  const allowed = key.scopes.length === 0 ? key.role : `${key.role} (${key.scopes.join(', ')})`;
  return `${key.id}  ${key.name}: ${allowed}, ${stateOf(key)}`;
}

function readExpiry(text: string): string {
  const time = Date.parse(text);
  if (!Number.isNaN(time)) return new Date(time).toISOString();
  throw new CommandError(exitCodes.usage, `--expires: expected a time, as in 2030-01-31, found "${text}"`);
}

/** Lists the keys of the running system, revoked ones too. */
async function listKeys(options: Options): Promise<number> {
  const { call } = requireRunning(environmentOf(options));
  const items: ApiKey[] = [];
  let cursor: string | null = '';
  while (cursor !== null) {
    const path = `/v1/auth/keys?limit=${PAGE}&cursor=${cursor}`;
    const page: { items: ApiKey[]; nextCursor: string | null } = await call(path);
    items.push(...page.items);
    cursor = page.nextCursor;
  }
  print(options.json === true, { items }, () =>
    items.length === 0 ? ['no keys but the one of the system'] : items.map(describeKey),
  );
  return exitCodes.ok;
}

/** Makes a key and shows it, this once. */
async function createKey(name: string, options: CreateOptions): Promise<number> {
  const request: CreateKeyRequest = {
    name,
    role: options.role,
    ...(options.scope === undefined ? {} : { scopes: options.scope }),
    ...(options.expires === undefined ? {} : { expiresAt: readExpiry(options.expires) }),
  };
  const key = await requireRunning(environmentOf(options)).call<CreatedKey>('/v1/auth/keys', {
    method: 'POST',
    body: request,
    names,
  });
  print(options.json === true, key, () => [
    `Key  ${key.secret}   (keep it: it is not shown again)`,
    `Id   ${key.id}   (to revoke it: weave keys revoke ${key.id})`,
  ]);
  return exitCodes.ok;
}

/** Revokes a key: it lets nobody in from here on. */
async function revokeKey(id: string, options: Options): Promise<number> {
  await requireRunning(environmentOf(options)).call(`/v1/auth/keys/${encodeURIComponent(id)}`, { method: 'DELETE' });
  print(options.json === true, { id, revoked: true }, () => [`${id} is revoked`]);
  return exitCodes.ok;
}

/**
 * Adds `weave keys list|create|revoke`.
 *
 * @param command adds a command with the options that all have
 * @param end takes the exit code
 */
export function addKeyCommands(program: Command, command: AddCommand, end: (exitCode: number) => void): void {
  const keys = program.command('keys').description('keys that let others in');
  command('list', 'list the keys, revoked ones too', keys).action(async (options: Options) =>
    end(await listKeys(options)),
  );
  command('create', 'make a key and show it, this once', keys)
    .argument('<name>', 'who or what it is for')
    .addOption(new Option('--role <role>', 'what it may do').choices(roles).default('reader'))
    .addOption(new Option('--scope <scopes...>', 'only this of what its role may do').choices(Object.keys(scopes)))
    .option('--expires <time>', 'until when, as in 2030-01-31; for ever when not given')
    .action(async (name: string, options: CreateOptions) => end(await createKey(name, options)));
  command('revoke', 'let a key in no more', keys)
    .argument('<id>', 'its id, as in the list')
    .action(async (id: string, options: Options) => end(await revokeKey(id, options)));
}
