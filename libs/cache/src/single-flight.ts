import type { Runtime } from '@weave-nn/config';
import type { Cache, Keeping } from './cache.ts';
import type { Lookup, Store } from './store.ts';

const LARGEST_VALUE = 1_000_000;
const JITTER = 0.1;
const NO_TAGS: readonly string[] = [];

/** One computation. */
interface Flight {
  stamp: string;
  value: Promise<unknown>;
  /** When it ended, in moments. */
  ended: number;
}

/** A key that is asked for at this moment. */
interface Place {
  callers: number;
  flight?: Flight | undefined;
}

function inOrder(tags: readonly string[]): readonly string[] {
  return tags.length < 2 ? tags : [...new Set(tags)].sort();
}

/** Puts the computing of what is missing, once for all who wait, before a store. */
export function computeOnce(store: Store, runtime: Runtime): Pick<Cache, 'getOrCompute' | 'invalidate' | 'delete'> {
  const places = new Map<string, Place>();
  let moment = 0;

  function enter(key: string): Place {
    const place = places.get(key) ?? { callers: 0 };
    if (place.callers === 0) places.set(key, place);
    place.callers++;
    return place;
  }

  function leave(key: string, place: Place) {
    place.callers--;
    if (place.callers === 0) places.delete(key);
  }

  async function fly(found: Lookup, ttl: number, compute: () => unknown, isCurrent: () => boolean) {
    const value = await compute();
    const text = JSON.stringify(value) as string | undefined;
    if (text !== undefined && text.length <= LARGEST_VALUE && isCurrent()) {
      await found.keep(text, Math.max(1, Math.round(ttl * (1 - JITTER * runtime.random()))));
    }
    return value;
  }

  function depart(place: Place, found: Lookup, ttl: number, compute: () => unknown): Flight {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    const flight: Flight = { stamp: found.stamp, value: promise, ended: Number.POSITIVE_INFINITY };
    place.flight = flight;
    const flown = fly(found, ttl, compute, () => place.flight === flight);
    resolve(
      flown.finally(() => {
        moment++;
        flight.ended = moment;
      }),
    );
    return flight;
  }

  return {
    async getOrCompute<Value>(key: string, { ttl, tags }: Keeping, compute: () => Value | Promise<Value>) {
      const place = enter(key);
      try {
        moment++;
        const began = moment;
        const found = await store.lookup(key, inOrder(tags ?? NO_TAGS));
        if (found.text !== undefined) return JSON.parse(found.text) as Value;
        const running = place.flight;
        // It may have ended since the lookup began: Redis has answered that before it was given the value.
        const isShared = running?.stamp === found.stamp && began < running.ended;
        return (await (isShared ? running : depart(place, found, ttl, compute)).value) as Value;
      } finally {
        leave(key, place);
      }
    },
    async invalidate(tags) {
      if (tags.length > 0) await store.invalidate(inOrder(tags));
    },
    async delete(key) {
      const place = places.get(key);
      if (place) place.flight = undefined;
      await store.delete(key);
    },
  };
}
