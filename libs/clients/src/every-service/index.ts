export type { EveryServiceApi } from './api.ts';
export { toolPath } from './contract.ts';
export * from './schemas.ts';
