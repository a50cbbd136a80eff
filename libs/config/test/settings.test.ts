import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readSettings, setting, Type, withEnvFile } from '../src/index.ts';

const schema = Type.Object({
  PORT: setting.integer({ description: 'port', default: 8001, minimum: 0, maximum: 65535 }),
  LOG_LEVEL: setting.choice(['debug', 'info'], { description: 'level', default: 'info' }),
  MIGRATE_ON_START: setting.boolean({ description: 'migrate', default: true }),
  WEAVE_API_KEY: setting.secret({ description: 'key', minLength: 8 }),
  REDIS_URL: setting.optional({ description: 'redis', pattern: '^redis://' }),
});
const required = Type.Object({ VAULT_PATH: setting.text({ description: 'vault' }) });

describe('settings', () => {
  test('take their defaults when nothing is set, an empty value included', () => {
    expect(readSettings(schema, { PORT: '' })).toEqual({ PORT: 8001, LOG_LEVEL: 'info', MIGRATE_ON_START: true });
  });

  test('are converted to their types', () => {
    const environment = { PORT: '0', LOG_LEVEL: 'debug', MIGRATE_ON_START: '0', REDIS_URL: 'redis://127.0.0.1' };
    expect(readSettings(schema, environment)).toEqual({
      PORT: 0,
      LOG_LEVEL: 'debug',
      MIGRATE_ON_START: false,
      REDIS_URL: 'redis://127.0.0.1',
    });
  });

  test.each([
    [{ PORT: 'abc' }, 'PORT: expected a whole number from 0 to 65535, found "abc"'],
    [{ PORT: '70000' }, 'PORT: expected a whole number from 0 to 65535, found "70000"'],
    [{ PORT: '1.5' }, 'PORT: expected a whole number from 0 to 65535, found "1.5"'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL: expected one of debug, info, found "loud"'],
    [{ MIGRATE_ON_START: 'maybe' }, 'MIGRATE_ON_START: expected true or false, found "maybe"'],
    [{ REDIS_URL: 'http://x' }, 'REDIS_URL: expected text that matches ^redis://, found "http://x"'],
  ])('name the variable, what was expected and what was found: %o', (environment, message) => {
    expect(() => readSettings(schema, environment)).toThrow(message);
  });

  test('never show a secret', () => {
    expect(() => readSettings(schema, { WEAVE_API_KEY: 'abc' })).toThrow(/^((?!abc).)*$/);
  });

  test('that are required and missing stop the start', () => {
    expect(() => readSettings(required, {})).toThrow('VAULT_PATH: expected text that is not empty, found nothing');
  });

  test('are read from a file where <NAME>_FILE names one, without the end of its line', () => {
    const folder = mkdtempSync(join(tmpdir(), 'settings-'));
    const file = join(folder, 'key');
    writeFileSync(file, 'a key with spaces \n');
    expect(readSettings(schema, { WEAVE_API_KEY_FILE: file })).toMatchObject({ WEAVE_API_KEY: 'a key with spaces ' });
    expect(readSettings(schema, { WEAVE_API_KEY_FILE: '' })).not.toHaveProperty('WEAVE_API_KEY');
    writeFileSync(file, 'short');
    expect(() => readSettings(schema, { WEAVE_API_KEY_FILE: file })).toThrow(/^WEAVE_API_KEY: ((?!short).)*$/);
    expect(() => readSettings(schema, { WEAVE_API_KEY_FILE: `${file}s` })).toThrow(
      `WEAVE_API_KEY_FILE: expected a file that can be read, found "${file}s" (ENOENT)`,
    );
    expect(() => readSettings(schema, { PORT_FILE: file, PORT: '1' })).toThrow(
      'PORT_FILE: expected nothing, since PORT is set as well',
    );
  });

  test('come from a .env file where the environment says nothing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'settings-'));
    writeFileSync(join(folder, '.env'), 'PORT=1\nLOG_LEVEL=debug\n');
    expect(withEnvFile(folder, { PORT: '2' })).toMatchObject({ PORT: '2', LOG_LEVEL: 'debug' });
    expect(withEnvFile(join(folder, 'missing'), { PORT: '2' })).toEqual({ PORT: '2' });
  });
});
