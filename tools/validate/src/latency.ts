export interface Latency {
  readonly p50: number;
  readonly p99: number;
}

/** Nearest-rank percentiles of times in ms; NaN where there are none. */
export function latencyOf(timesMs: readonly number[]): Latency {
  const sorted = timesMs.filter(Number.isFinite).sort((a, b) => a - b);
  const rank = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? NaN;
  return { p50: rank(0.5), p99: rank(0.99) };
}

export const latencyText = ({ p50, p99 }: Latency): string =>
  `p50 ${p50.toFixed(1)} ms, p99 ${p99.toFixed(1)} ms`;
