import type { Redis } from 'ioredis';

/**
 * How long a tag keeps its version. A version is never used twice, so that one which ends, or is evicted, makes
 * values invalid and never valid again.
 */
const VERSION_LIFE = 7 * 24 * 60 * 60 * 1_000;

const PLANT = `
for i, key in ipairs(KEYS) do redis.call('SET', key, ARGV[1] .. '.' .. i, 'NX', 'PX', ARGV[2]) end
return redis.call('MGET', unpack(KEYS))`;

const DROP = `
for i, key in ipairs(KEYS) do
  if i <= tonumber(ARGV[3]) then redis.call('SET', key, ARGV[1] .. '.' .. i, 'PX', ARGV[2])
  else redis.call('DEL', key) end
end
return #KEYS`;

const BORROW = `
local used = tonumber(redis.call('GET', KEYS[1]) or '0')
local granted = math.max(0, math.min(tonumber(ARGV[1]), tonumber(ARGV[2]) - used))
if granted > 0 then
  redis.call('INCRBY', KEYS[1], granted)
  if used == 0 then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
end
local ends = redis.call('PTTL', KEYS[1])
if ends < 0 then ends = tonumber(ARGV[3]) end
return { granted, ends }`;

/** Makes the versions that are missing. Answers all of them, in the order of their names. */
export async function plantVersions(redis: Redis, names: readonly string[], token: string): Promise<string[]> {
  return (await redis.eval(PLANT, names.length, ...names, token, VERSION_LIFE)) as string[];
}

/** Gives tags new versions and deletes values, all in one moment. */
export function dropAll(
  redis: Redis,
  { tags, values }: { tags: readonly string[]; values: readonly string[] },
  token: string,
): Promise<unknown> {
  return redis.eval(DROP, tags.length + values.length, ...tags, ...values, token, VERSION_LIFE, tags.length);
}

/** Takes as much of `block` as the window has left, and begins the window with its first use. */
export async function borrowUses(
  redis: Redis,
  name: string,
  { block, limit, window }: { block: number; limit: number; window: number },
): Promise<{ granted: number; endsIn: number }> {
  const [granted, endsIn] = (await redis.eval(BORROW, 1, name, block, limit, window)) as [number, number];
  return { granted, endsIn };
}

/** What tells one run of a server from the next; undefined where a server doesn't say. */
export async function readRunId(redis: Redis): Promise<string | undefined> {
  return /^run_id:(\S+)/m.exec(await redis.info('server'))?.[1];
}
