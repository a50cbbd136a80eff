export { SettingError } from './errors.ts';
export { backoff, pause, type Runtime, systemRuntime, type Timer } from './runtime.ts';
export { type Environment, readSettings, setting, withEnvFile } from './settings.ts';
