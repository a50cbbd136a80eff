import { type Api, followEvents, until } from '@weave-nn/testing';

const MAX_READING_MS = 60_000;

/** An event as far as drills look into it. */
export interface LoggedEvent {
  id: string;
  source: string;
  type: string;
  subject: string;
  sequence: string;
  data: { from?: string; fromSequence?: string; conflictPath?: string };
}

/** Reads the whole event log. */
export async function readEventLog(api: Api, key: string): Promise<LoggedEvent[]> {
  const { position } = (await api.call('/v1/system')).json.index;
  const stream = await followEvents(api, '?after=0', { authorization: `Bearer ${key}` });
  await until('the whole log has come', () => Number(stream.events.at(-1)?.id ?? 0) >= position, MAX_READING_MS);
  await stream.close();
  return stream.events.map(({ event }) => event);
}

/** The log must have every event of every subject once: sequences without gaps and without repetition. */
export function checkSequences(events: readonly LoggedEvent[], found: { lost: string[]; doubled: string[] }): void {
  const seen = new Map<string, Set<number>>();
  const ids = new Set<string>();
  function note(subject: string, sequence: number) {
    const sequences = seen.get(subject) ?? new Set();
    if (sequences.has(sequence)) found.doubled.push(`${subject}, sequence ${sequence}`);
    seen.set(subject, sequences.add(sequence));
  }
  for (const { id, source, subject, sequence, data } of events) {
    if (ids.has(id)) found.doubled.push(`event ${id} of ${subject}`);
    ids.add(id);
    note(`${source} ${subject}`, Number(sequence));
    // A move ends the sequence of the old path by counting on in it.
    if (data.fromSequence !== undefined) note(`${source} ${data.from}`, Number(data.fromSequence));
  }
  for (const [subject, sequences] of seen) {
    const newest = Math.max(...sequences);
    for (let sequence = 1; sequence <= newest; sequence++) {
      if (!sequences.has(sequence)) found.lost.push(`event ${sequence} of ${subject}`);
    }
  }
}
