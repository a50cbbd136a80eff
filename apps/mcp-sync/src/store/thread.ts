import { serveThread } from '@weave-nn/database/thread';
import { indexStates } from './index-states.ts';

serveThread([indexStates]);
