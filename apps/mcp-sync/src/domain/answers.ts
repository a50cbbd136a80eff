/** Whatever is made from the index as a whole has this tag. */
const INDEX = 'index';
/** Milliseconds for which an answer may be used that nobody could say was overtaken. */
const LIFE = 30_000;

/** Where answers are kept; a cache of libs/cache. */
export interface AnswerCache {
  getOrCompute<Value>(
    key: string,
    keeping: { ttl: number; tags?: readonly string[] },
    compute: () => Promise<Value>,
  ): Promise<Value>;
  invalidate(tags: readonly string[]): Promise<void>;
}

/**
 * Answers that go through the whole index, kept until it changes: on 10,000 notes on PostgreSQL tags took 16 ms,
 * orphans 74, a neighbourhood of three links 430, and agents ask for them again and again.
 *
 * @param version of the program: another may answer in another form
 */
export function createAnswers(cache: AnswerCache, version: string) {
  return {
    /**
     * Gives an answer, made anew when there is none or the index has changed since.
     *
     * @param key what is asked for, with all that the answer depends on besides the index
     */
    of: <Answer>(key: readonly (string | number)[], make: () => Promise<Answer>): Promise<Answer> =>
      cache.getOrCompute(JSON.stringify([version, ...key]), { ttl: LIFE, tags: [INDEX] }, make),
    /** Drops all of them, since the index has changed. */
    drop: (): Promise<void> => cache.invalidate([INDEX]),
  };
}

export type Answers = ReturnType<typeof createAnswers>;
