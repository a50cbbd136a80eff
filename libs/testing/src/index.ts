export { type Api, type ApiAnswer, createApi, encodePath } from './api.ts';
export { type CommandResult, runCommand, type SpawnedSystem, spawnSystem } from './command.ts';
export { followEvents, type StreamedEvent } from './event-stream.ts';
export { temporaryFolder, writeFiles } from './folders.ts';
export { startSystem, type TestSystem, testKey } from './system.ts';
export { until } from './until.ts';
