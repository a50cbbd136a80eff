import { runService } from '@weave-nn/service';
import { gatewayService } from './service.ts';

await runService(gatewayService, '0.1.0');
