import { createHash } from 'node:crypto';
import type { DeadLetterState } from '@weave-nn/clients';
import { type Message, OUTCOME_HEADER, REPLAY_HEADER, type ReplayOutcome } from '@weave-nn/events';
import { storableText } from './storable.ts';

/** How many deaths a letter remembers besides its last. */
const MAX_REMEMBERED = 20;

/** One time that a message could not be applied. */
export interface Death {
  error: string;
  attempts: number;
  firstAt: string;
  diedAt: string;
}

/** A message that a consumer could not apply: one for each message and queue, however often it died there. */
export interface DeadLetter extends Death {
  id: string;
  eventId: string;
  type: string;
  /** The event's; null when the message is none. */
  subject: string | null;
  queue: string;
  consumer: string;
  body: string;
  state: DeadLetterState;
  /** When it came into its state. */
  stateAt: string;
  /** The replay under way, or the last one. */
  replay: string | null;
  /** Earlier deaths, the newest first. */
  history: Death[];
}

/** What a message of the queue `dlq` tells: that something died, or what became of a replay. */
export type News =
  | { kind: 'death'; letter: DeadLetter; isTimed: boolean }
  | { kind: 'outcome'; id: string; outcome: ReplayOutcome; at: string };

const outcomes: readonly (string | undefined)[] = ['applied', 'superseded'] satisfies ReplayOutcome[];

/** Whoever wrote the header may have written anything. */
function countOf(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

function timeOf(text: string): string | undefined {
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

function subjectOf(body: string): string | null {
  try {
    const { subject } = JSON.parse(body);
    return typeof subject === 'string' ? storableText(subject) : null;
  } catch {
    return null;
  }
}

/** The same for a message and its replays. The body is part of it, since what is no event may lack any other identity. */
function letterId(queue: string, eventId: string, body: string): string {
  return createHash('sha256')
    .update(JSON.stringify([queue, eventId, body]))
    .digest('hex')
    .slice(0, 32);
}

/**
 * Reads a message of the queue `dlq`, which may be anything.
 *
 * @param now ISO 8601; stands in for a time that the message does not tell
 */
export function readNews({ id, key, body: sent, headers }: Message, now: string): News {
  const header = (name: string) => storableText(headers[name] ?? '');
  const [eventId, body, queue] = [storableText(id), storableText(sent), header('x-queue')];
  const letter = letterId(queue, eventId, body);
  const outcome = headers[OUTCOME_HEADER];
  if (outcomes.includes(outcome)) {
    const at = timeOf(header('x-settled-at')) ?? now;
    return { kind: 'outcome', id: letter, outcome: outcome as ReplayOutcome, at };
  }
  const toldAt = timeOf(header('x-died-at'));
  const diedAt = toldAt ?? now;
  return {
    kind: 'death',
    isTimed: toldAt !== undefined,
    letter: {
      id: letter,
      eventId,
      type: storableText(key),
      subject: subjectOf(body),
      queue,
      consumer: header('x-consumer'),
      body,
      error: header('x-error'),
      attempts: countOf(header('x-attempts')),
      firstAt: timeOf(header('x-first-at')) ?? diedAt,
      diedAt,
      state: 'dead',
      stateAt: diedAt,
      replay: headers[REPLAY_HEADER] === undefined ? null : header(REPLAY_HEADER),
      history: [],
    },
  };
}

function deathOf({ error, attempts, firstAt, diedAt }: Death): Death {
  return { error, attempts, firstAt, diedAt };
}

/**
 * A letter after a death of which news came.
 *
 * A death that is not the end of the replay under way is old: it was told twice, or of an earlier replay. It is
 * remembered, but changes nothing.
 *
 * @returns the letter itself when it knows of that death already
 */
export function afterDeath(known: DeadLetter, { letter, isTimed }: Extract<News, { kind: 'death' }>): DeadLetter {
  const deaths = [deathOf(known), ...known.history];
  const isKnown = deaths.some(({ diedAt }) => diedAt === letter.diedAt);
  const endsReplay = known.state === 'replaying' && letter.replay === known.replay;
  if (isKnown || (!isTimed && !endsReplay)) return known;
  if (known.state === 'dead' ? letter.diedAt < known.diedAt : !endsReplay) {
    const history = [...known.history, deathOf(letter)].sort((one, other) => (one.diedAt < other.diedAt ? 1 : -1));
    return { ...known, history: history.slice(0, MAX_REMEMBERED) };
  }
  return {
    ...known,
    ...deathOf(letter),
    consumer: letter.consumer || known.consumer,
    state: 'dead',
    stateAt: letter.diedAt,
    history: deaths.slice(0, MAX_REMEMBERED),
  };
}
