import { fileService } from '@weave-nn/file/service';
import { gatewayService } from '@weave-nn/gateway/service';
import { gitService } from '@weave-nn/git/service';
import { mcpSyncService } from '@weave-nn/mcp-sync/service';
import type { ServiceDefinition } from '@weave-nn/service';
import { taskService } from '@weave-nn/task/service';

/**
 * Every service of the one process, each after those it depends on, and what people wait for most at a first start
 * before the others; the gateway comes last and listens.
 */
export const services: readonly ServiceDefinition[] = [
  fileService,
  mcpSyncService,
  taskService,
  gitService,
  gatewayService,
];
