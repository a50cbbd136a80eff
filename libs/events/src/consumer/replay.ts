import type { Runtime } from '@weave-nn/config';
import type { Message, Publisher } from '../bus.ts';
import { dependencyUnavailable } from '../errors.ts';

/** The header that tells one replay of a dead letter from another; each has five tries of its own. */
export const REPLAY_HEADER = 'x-replay';

/** The header of a note among the dead letters that says what became of a replay. */
export const OUTCOME_HEADER = 'x-outcome';

/** `superseded`: what the consumer has of the subject is newer, so that nothing was changed. */
export type ReplayOutcome = 'applied' | 'superseded';

export const isReplay = ({ headers }: Message): boolean => headers[REPLAY_HEADER] !== undefined;

/** Thrown to leave nothing of a replay that is overtaken, so that it is found so again when it comes again. */
class Overtaken extends Error {}

export function refuseOvertaken(): never {
  throw new Overtaken('a newer event of its subject has been applied');
}

/**
 * Applies a replay, and tells those who keep the dead letters what became of it. They are told before the replay is
 * settled, so that they learn it also when the process dies in between: one that comes again is a duplicate, and so
 * was applied, or is overtaken again.
 *
 * @param apply throws what `refuseOvertaken` throws when the event is overtaken
 * @throws EventError `dependency-unavailable` when nobody can be told
 */
export async function applyReplay(
  apply: () => Promise<void>,
  options: { message: Message; consumer: string; queue: string; bus: Publisher; runtime: Runtime },
): Promise<void> {
  const { message, consumer, queue, bus, runtime } = options;
  let outcome: ReplayOutcome = 'applied';
  try {
    await apply();
  } catch (error) {
    if (!(error instanceof Overtaken)) throw error;
    outcome = 'superseded';
  }
  const headers = {
    ...message.headers,
    'x-queue': queue,
    'x-consumer': consumer,
    [OUTCOME_HEADER]: outcome,
    'x-settled-at': new Date(runtime.now()).toISOString(),
  };
  try {
    await bus.publish('dead', [{ ...message, headers }]);
  } catch (error) {
    throw dependencyUnavailable('the broker', error);
  }
}
