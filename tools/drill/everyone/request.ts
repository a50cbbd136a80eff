import { setTimeout } from 'node:timers/promises';
import type { ApiAnswer } from '@weave-nn/testing';
import type { Random } from '../../generate/random.ts';
import { countRefused, type Tally } from '../crash/tally.ts';
import type { Ledger } from './ledger.ts';
import type { Place } from './place.ts';

export const json = { 'content-type': 'application/json' };

const PATIENCE = 180_000;
const PAUSE = 40;
/** Refusals that say themselves that the same may be tried again. */
const passing = ['note-busy'];

export interface Request {
  kind: string;
  method: string;
  url: string;
  headers?: Readonly<Record<string, string>>;
  body?: string;
}

/** The answer to a request, and whether it was sent before without one, so that it may have been carried out then. */
export interface Answered {
  answer: ApiAnswer;
  isRepeated: boolean;
}

/** Sends requests again, each as it was, until somebody answers. */
export function createSender(place: Place, tally: Tally) {
  return async ({ kind, method, url, headers = {}, body }: Request): Promise<Answered> => {
    const deadline = performance.now() + PATIENCE;
    let isRepeated = false;
    let last = '';
    while (performance.now() < deadline) {
      tally.sent++;
      const init = { method, headers, ...(body === undefined ? {} : { body }) };
      const answer = await place
        .api()
        .call(url, init)
        .catch(() => null);
      if (answer === null) tally.unanswered++;
      else if (answer.status < 400) {
        tally.acknowledged++;
        return { answer, isRepeated };
      } else {
        last = `${kind}:${answer.status} ${answer.json.code}`;
        countRefused(tally, last);
        if (answer.status === 500) tally.odd.push(`${method} ${url} was answered ${answer.text}`);
        if (answer.status < 500 && answer.status !== 429 && !passing.includes(answer.json.code)) {
          return { answer, isRepeated };
        }
      }
      isRepeated = true;
      await setTimeout(PAUSE);
    }
    throw new Error(`${method} ${url} was not answered in ${PATIENCE} ms, at last ${last || 'not at all'}`);
  };
}

export type Sender = ReturnType<typeof createSender>;

/** What somebody who edits over HTTP is made from. */
export interface PersonOptions {
  /** How its lines are called. */
  by: string;
  /** The notes it shares with others. */
  notes: readonly string[];
  random: Random;
  ledger: Ledger;
  send: Sender;
}
