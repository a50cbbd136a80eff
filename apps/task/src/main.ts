import { runService } from '@weave-nn/service';
import { taskService } from './service.ts';

await runService(taskService, '0.1.0');
