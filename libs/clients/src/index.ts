export * from './access/index.ts';
export * from './caught-up.ts';
export * from './context.ts';
export * from './contract.ts';
export * from './every-service/index.ts';
export * from './file/index.ts';
export * from './gateway/index.ts';
export * from './git/index.ts';
export * from './mcp-sync/index.ts';
export { Page, PageQuery } from './page.ts';
export { Problem } from './problem.ts';
export {
  type Clients,
  clientOf,
  contracts,
  createClients,
  type ServiceName,
  serviceNames,
  topology,
  variablePrefix,
} from './services.ts';
export * from './task/index.ts';
export { defineTool, type ToolAnnotations, type ToolContract } from './tool.ts';
export {
  type Answer,
  allowedTime,
  type Call,
  callJson,
  DEADLINE_HEADER,
  noAnswerInTime,
  type Transport,
} from './transport/call.ts';
export { ClientError } from './transport/errors.ts';
export type { Instance, Upstreams } from './transport/upstreams.ts';
