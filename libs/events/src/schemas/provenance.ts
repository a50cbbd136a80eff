import { Type } from '@weave-nn/config';

/** Who caused a change and by which request: part of the data of every event. */
export const Provenance = Type.Object({
  actor: Type.String({ description: 'a user, key or agent, or `watcher`' }),
  client: Type.Union([Type.String(), Type.Null()], { description: 'the program the actor used' }),
  requestId: Type.Union([Type.String(), Type.Null()]),
});
