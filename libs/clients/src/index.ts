export { type Answer, type Call, callJson, type Transport } from './call.ts';
export { ClientError } from './errors.ts';
export * from './file.ts';
export { createFileClient } from './file-client.ts';
export * from './mcp-sync.ts';
export { createMcpSyncClient } from './mcp-sync-client.ts';
export { Page, PageQuery } from './page.ts';
export { Problem } from './problem.ts';
