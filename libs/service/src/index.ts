export type { JobStarter } from './background/service-jobs.ts';
export { type CallContext, callContext, inCallContext } from './call-context.ts';
export { type DataDirectory, openDataDirectory } from './data-directory.ts';
export {
  type ConsumerDefinition,
  defineConsumer,
  defineService,
  type MountedApp,
  type Service,
  type ServiceContext,
  type ServiceDefinition,
} from './definition.ts';
export { planDeployment } from './deployment.ts';
export { ProblemError, StartError } from './errors.ts';
export type { App } from './fastify-app.ts';
export { answerByReference } from './hand-over.ts';
export type { Dependencies, Readiness } from './health.ts';
export { createIdentity, IDENTITY_HEADER, type Identity, type Principal, type Role } from './identity.ts';
export { defaultDataDirectory, type Instance, readInstance } from './instance.ts';
export { readJsonBodies } from './json-body.ts';
export { createMetrics, type Metrics } from './metrics.ts';
export { describeMigrated, type MigratedService, migrateServices } from './migrate.ts';
export type { Statuses } from './problems.ts';
export { createProcess, type ProcessOptions, type WeaveProcess } from './process.ts';
export { ProcessSettings } from './process-settings.ts';
export { exitWith, runService, stopOnSignals } from './run.ts';
export { endWithResponse } from './telemetry/response-span.ts';
export { implementTool, type Tool } from './tools/tool.ts';
