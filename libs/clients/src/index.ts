export { type Answer, type Call, callJson, type Transport } from './call.ts';
export { ClientError } from './errors.ts';
export * from './file.ts';
export { createFileClient } from './fileClient.ts';
export * from './mcpSync.ts';
export { createMcpSyncClient } from './mcpSyncClient.ts';
export { Page, PageQuery } from './page.ts';
export { Problem } from './problem.ts';
