export * from './api.ts';
export * from './contract.ts';
export * from './schemas.ts';
