import { build, type Histogram } from 'hdr-histogram-js';

/** Durations in ms, kept with three significant digits from 1 us to an hour (HdrHistogram). */
export interface LatencyHistogram {
  record(ms: number): void;
  summary(): LatencySummary;
  /** The percentile distribution in HdrHistogram's own text form, values in ms. */
  distribution(): string;
  reset(): void;
}

/** ms; null where nothing was recorded. */
export interface LatencySummary {
  readonly count: number;
  readonly mean: number | null;
  readonly p50: number | null;
  readonly p90: number | null;
  readonly p99: number | null;
  readonly p999: number | null;
  readonly max: number | null;
}

const MICROSECONDS = 1_000;
const HOUR_US = 3_600_000_000;
const DIGITS = 3;
const TICKS_PER_HALF_DISTANCE = 2;

export function latencyHistogram(): LatencyHistogram {
  const histogram: Histogram = build({
    lowestDiscernibleValue: 1,
    highestTrackableValue: HOUR_US,
    numberOfSignificantValueDigits: DIGITS,
    useWebAssembly: false,
  });
  const ms = (us: number): number | null =>
    histogram.totalCount === 0 ? null : Number((us / MICROSECONDS).toFixed(DIGITS));
  const percentile = (percent: number): number | null => ms(histogram.getValueAtPercentile(percent));
  return {
    record: (value) =>
      histogram.recordValue(Math.min(HOUR_US, Math.max(1, Math.round(value * MICROSECONDS)))),
    summary: () => ({
      count: histogram.totalCount,
      mean: ms(histogram.mean),
      p50: percentile(50),
      p90: percentile(90),
      p99: percentile(99),
      p999: percentile(99.9),
      max: ms(histogram.maxValue),
    }),
    distribution: () => histogram.outputPercentileDistribution(TICKS_PER_HALF_DISTANCE, MICROSECONDS),
    reset: () => histogram.reset(),
  };
}
