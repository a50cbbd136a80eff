export { type Api, type ApiAnswer, createApi, encodePath } from './api.ts';
export { type CommandResult, runCommand, type SpawnedSystem, spawnSystem } from './command.ts';
export { contractOf } from './contract-of.ts';
export { type Deployed, deployProcesses } from './deployed.ts';
export { followEvents, type StreamedEvent } from './event-stream.ts';
export { temporaryFolder, writeFiles } from './folders.ts';
export { hasServers } from './has-servers.ts';
export { claimServers, type OwnServers } from './own-servers.ts';
export {
  addressesOf,
  freePort,
  type SeparateService,
  type ServiceProcess,
  separateServices,
  startServiceProcess,
} from './service-processes.ts';
export { type Shape, testShape } from './shape.ts';
export { type SystemOptions, startSystem, type TestSystem, testKey } from './system.ts';
export { until } from './until.ts';
