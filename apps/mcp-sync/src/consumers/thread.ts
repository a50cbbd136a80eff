import { serveThread } from '@weave-nn/database/thread';
import { indexStates } from '../store/index-states.ts';
import { indexEvents, logEvents } from './effects.ts';

serveThread([indexStates, indexEvents, logEvents]);
