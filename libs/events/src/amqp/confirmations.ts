import { createSignal } from '@weave-nn/config';

/** The answers to what one call has published. */
export interface Confirmations {
  /** Counts one more message that is under way; to be told of its answer. */
  expect(): (failure?: Error) => void;
  hasFailed(): boolean;
  /**
   * Resolves when every message that was under way is answered.
   *
   * @throws the first failure
   */
  answered(): Promise<void>;
}

/** Creates the answers of one call. */
export function createConfirmations(): Confirmations {
  const changed = createSignal();
  let underWay = 0;
  let first: Error | undefined;
  return {
    expect() {
      underWay++;
      return (failure) => {
        underWay--;
        first ??= failure;
        if (underWay === 0) changed.notify();
      };
    },
    hasFailed: () => first !== undefined,
    async answered() {
      while (underWay > 0) await changed.next();
      if (first) throw first;
    },
  };
}
