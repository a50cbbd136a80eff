// Derived from the register of services by `npm run derive`.
import { fileService } from '@weave-nn/file/service';
import { gatewayService } from '@weave-nn/gateway/service';
import { gitService } from '@weave-nn/git/service';
import { mcpSyncService } from '@weave-nn/mcp-sync/service';
import type { ServiceDefinition } from '@weave-nn/service';
import { taskService } from '@weave-nn/task/service';

/** Every service of the one process, in the order in which they are mounted. The last one listens. */
export const services: readonly ServiceDefinition[] = [
  fileService,
  mcpSyncService,
  taskService,
  gitService,
  gatewayService,
];
