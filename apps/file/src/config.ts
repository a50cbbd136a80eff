import { type Static, setting, Type } from '@weave-nn/config';

export const FileSettings = Type.Object({
  VAULT_SCAN_INTERVAL: setting.integer({
    description: 'seconds between scans of the whole vault',
    default: 60,
    minimum: 1,
    maximum: 86_400,
  }),
  WATCH_QUIET_MS: setting.integer({
    description: 'milliseconds without a change before a saved file is looked at',
    default: 50,
    minimum: 1,
    maximum: 10_000,
  }),
  VERSION_RETENTION_DAYS: setting.integer({
    description: 'days for which replaced and deleted contents are kept',
    default: 30,
    minimum: 1,
    maximum: 3_650,
  }),
});

export type FileSettings = Static<typeof FileSettings>;
