export * from './access/index.ts';
export {
  type Answer,
  allowedTime,
  type Call,
  callJson,
  DEADLINE_HEADER,
  noAnswerInTime,
  type Transport,
} from './call.ts';
export * from './caught-up.ts';
export * from './context.ts';
export { ClientError } from './errors.ts';
export * from './file.ts';
export { createFileClient } from './file-client.ts';
export * from './gateway.ts';
export * from './git.ts';
export { createGitClient } from './git-client.ts';
export * from './mcp-sync.ts';
export { createMcpSyncClient } from './mcp-sync-client.ts';
export { Page, PageQuery } from './page.ts';
export { Problem } from './problem.ts';
export { type ServiceName, serviceNames, variablePrefix } from './services.ts';
export * from './task.ts';
export { createTaskClient } from './task-client.ts';
export type { Instance, Upstreams } from './upstreams.ts';
