import type { Listening, Message } from '../bus.ts';
import { keyMatches } from '../routing-key.ts';

/** Those in this process who hear what is published, and keep nothing of it. */
export function createListeners() {
  const all = new Set<Listening>();
  return {
    add(listening: Listening): () => void {
      all.add(listening);
      return () => all.delete(listening);
    },
    tell(messages: readonly Message[]) {
      for (const { patterns, hear } of all) {
        const heard = messages.filter(({ key }) => patterns.some((pattern) => keyMatches(pattern, key)));
        if (heard.length > 0) hear(heard);
      }
    },
  };
}
