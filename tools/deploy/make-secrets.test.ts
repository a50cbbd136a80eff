import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readSettings } from '@weave-nn/config';
import { ProcessSettings } from '@weave-nn/service';
import { temporaryFolder } from '@weave-nn/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { makeSecrets } from './make-secrets.ts';

const place = temporaryFolder('secrets');
const folder = join(place.path, 'docker/secrets');
afterAll(place.remove);

const make = (...args: string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, 'make-secrets.ts'), ...args], {
    cwd: place.path,
    encoding: 'utf8',
  });
const contents = () => readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));

describe('secrets', () => {
  test('are made once, in a folder that others cannot open', () => {
    expect(make()).toMatchObject({ status: 0, stderr: '' });
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const first = contents();
    const again = make();
    expect([again.status, again.stderr]).toEqual([1, expect.stringContaining('is there already')]);
    expect(contents()).toEqual(first);
    expect(new Set(first).size).toBe(first.length);
  });

  test('are settings that services take', () => {
    const secrets = makeSecrets({ postgresql: 'a', rabbitmq: 'b', redis: 'c' });
    const { database_url, rabbitmq_url, redis_url, signing_key, postgresql_password = '' } = secrets;
    const environment = {
      DATABASE_URL: database_url,
      RABBITMQ_URL: rabbitmq_url,
      REDIS_URL: redis_url,
      SERVICE_SIGNING_KEY: signing_key,
    };
    expect(readSettings(ProcessSettings, environment)).toMatchObject(environment);
    expect(database_url).toBe(`postgresql://weave:${postgresql_password}@a:5432/weave`);
  });

  test('of a cluster are printed and not kept', () => {
    const printed = make('--kubernetes', 'production').stdout;
    expect(printed).toContain('@postgresql-rw:5432/weave');
    expect(printed).toContain('@redis-master:6379');
    expect(make('--kubernetes', 'staging')).toMatchObject({ status: 1, stdout: '' });
  });
});
