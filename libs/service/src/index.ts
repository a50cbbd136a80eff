export type { JobStarter } from './background/service-jobs.ts';
export {
  type ConsumerDefinition,
  defineConsumer,
  defineService,
  type MountedApp,
  type Service,
  type ServiceContext,
  type ServiceDefinition,
} from './definition.ts';
export { ProblemError, StartError } from './errors.ts';
export type { App } from './http/fastify-app.ts';
export { answerByReference } from './http/hand-over.ts';
export type { Dependencies, Readiness } from './http/health.ts';
export { readJsonBodies } from './http/json-body.ts';
export type { Statuses } from './http/problems.ts';
export { type DataDirectory, openDataDirectory } from './process/data-directory.ts';
export { planDeployment } from './process/deployment.ts';
export { defaultDataDirectory, type Instance, readInstance } from './process/instance.ts';
export { describeMigrated, type MigratedService, migrateServices } from './process/migrate.ts';
export { createProcess, type ProcessOptions, type WeaveProcess } from './process/process.ts';
export { ProcessSettings } from './process/process-settings.ts';
export { exitWith, runService, stopOnSignals } from './process/run.ts';
export { type CallContext, callContext, inCallContext } from './security/call-context.ts';
export { createIdentity, IDENTITY_HEADER, type Identity, type Principal, type Role } from './security/identity.ts';
export { createMetrics, type Metrics } from './telemetry/metrics.ts';
export { endWithResponse } from './telemetry/response-span.ts';
export { implementTool, type Tool } from './tools/tool.ts';
