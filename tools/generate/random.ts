/** Numbers that look random and are the same for the same seed, on every machine. */
export interface Random {
  /** At least 0, less than 1. */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number;
  chance(probability: number): boolean;
  /** One of them, each as likely as the others. */
  pick<Value>(values: readonly Value[]): Value;
  /** A number whose logarithm is normally distributed. */
  logNormal(median: number, sigma: number): number;
}

function mix(state: number): number {
  let mixed = state;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

/**
 * A generator of its own for each pair of seed and stream, so that what one part draws changes nothing for another.
 * The algorithm is sfc32, from PractRand.
 */
export function createRandom(seed: number, stream = 0): Random {
  let a = mix(seed + 0x9e3779b9);
  let b = mix(stream + 0x243f6a88);
  let c = mix(a ^ b);
  let counter = 1;

  function next(): number {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 0x1_0000_0000;
  }
  for (let warming = 0; warming < 12; warming++) next();

  const integer = (low: number, high: number) => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    integer,
    chance: (probability) => next() < probability,
    pick(values) {
      const value = values[Math.floor(next() * values.length)];
      if (value === undefined) throw new Error('there is nothing to pick from');
      return value;
    },
    logNormal(median, sigma) {
      const normal = Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
      return median * Math.exp(sigma * normal);
    },
  };
}

/**
 * Draws ranks from 0 to `count - 1`, the first ones most often, as words and popular notes are met (Zipf's law).
 *
 * @param exponent how steep it is; about 1 for words
 */
export function createZipf(count: number, exponent: number): (random: Random) => number {
  const sums = new Float64Array(count);
  let total = 0;
  for (let rank = 0; rank < count; rank++) {
    total += 1 / (rank + 2.7) ** exponent;
    sums[rank] = total;
  }
  return (random) => {
    const wanted = random.next() * total;
    let low = 0;
    let high = count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((sums[middle] ?? 0) > wanted) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
