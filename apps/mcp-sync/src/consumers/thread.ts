import { serveThread } from '@weave-nn/database/thread';
import { indexNotes } from '../store/index-notes.ts';
import { mergeAtRest } from '../store/search-fts5.ts';
import { indexEvents, logEvents } from './effects.ts';

serveThread([indexNotes, indexEvents, logEvents], mergeAtRest);
