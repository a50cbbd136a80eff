import { runService } from '@weave-nn/service';
import { gitService } from './service.ts';

await runService(gitService, '0.1.0');
