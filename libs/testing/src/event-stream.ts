import type { Api } from './api.ts';
import { testKey } from './system.ts';

/** An event as the stream brings it. */
export interface StreamedEvent {
  id: string;
  type: string;
  // biome-ignore lint/suspicious/noExplicitAny: a test looks into whatever came
  event: any;
}

/** Follows `/v1/events` and remembers what comes. */
export async function followEvents(api: Api, query = '', headers: Record<string, string> = {}) {
  const stop = new AbortController();
  const answer = await fetch(`${api.url}/v1/events${query}`, {
    headers: { authorization: `Bearer ${testKey}`, ...headers },
    signal: stop.signal,
  });
  const events: StreamedEvent[] = [];
  let tell: (event: StreamedEvent) => void = () => undefined;
  let ended = false;

  async function read() {
    let buffer = '';
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) {
      buffer += decoder.decode(chunk, { stream: true });
      const blocks = buffer.split('\n\n');
      buffer = blocks.pop() ?? '';
      for (const block of blocks) {
        const field = (name: string) => new RegExp(`^${name}: (.*)$`, 'm').exec(block)?.[1] ?? '';
        if (!field('data')) continue;
        const arrived = { id: field('id'), type: field('event'), event: JSON.parse(field('data')) };
        events.push(arrived);
        tell(arrived);
      }
    }
  }
  const reading = read()
    .catch((error) => {
      if (!stop.signal.aborted) throw error;
    })
    .finally(() => {
      ended = true;
    });

  return {
    status: answer.status,
    headers: answer.headers,
    events,
    hasEnded: () => ended,
    /** Calls this with each event that comes from now on. */
    onEvent(listener: (event: StreamedEvent) => void) {
      tell = listener;
    },
    async close() {
      stop.abort();
      await reading;
    },
  };
}
