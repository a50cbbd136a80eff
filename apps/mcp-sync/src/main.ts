import { runService } from '@weave-nn/service';
import { mcpSyncService } from './service.ts';

await runService(mcpSyncService, '0.1.0');
