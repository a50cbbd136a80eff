import { Type } from '@weave-nn/config';

/** The read side has no settings of its own yet. */
export const McpSyncSettings = Type.Object({});
