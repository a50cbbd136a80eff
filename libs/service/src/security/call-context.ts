import { AsyncLocalStorage } from 'node:async_hooks';
import type { Principal } from './identity.ts';

/** On whose behalf something is done, and what goes along with every call it makes. */
export interface CallContext {
  principal: Principal;
  requestId: string | null;
  /** When the caller stops waiting, on the monotonic clock; undefined when nobody waits. */
  deadline?: number | undefined;
  /** Aborted when the client goes away before it has its answer; undefined for work that only reads. */
  signal?: AbortSignal | undefined;
}

const contexts = new AsyncLocalStorage<CallContext>();

/** What a service does by itself, as when it handles an event. */
const ownWork: CallContext = { principal: { id: 'service', role: 'admin', client: null }, requestId: null };

/** Runs work on somebody's behalf. */
export function inCallContext<Result>(context: CallContext, work: () => Result): Result {
  return contexts.run(context, work);
}

/** On whose behalf the present work is done. */
export function callContext(): CallContext {
  return contexts.getStore() ?? ownWork;
}
