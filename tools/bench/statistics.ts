/** The value below which this part of all values lies: 0.5 is the median. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** Milliseconds as text, with as many digits as mean something. */
export function showMs(ms: number): string {
  return `${ms < 10 ? ms.toFixed(2) : ms < 100 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

/** Median and 99th percentile as text. */
export function showSpread(values: readonly number[]): string {
  return `p50 ${showMs(median(values))}, p99 ${showMs(quantile(values, 0.99))}`;
}
