import { runService } from '@weave-nn/service';
import { fileService } from './service.ts';

await runService(fileService, '0.1.0');
