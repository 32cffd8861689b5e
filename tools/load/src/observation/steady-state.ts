import type { LatencySummary } from './latency-histogram.ts';
import type { LevelSpan } from './levels.ts';
import type { TimelineRow } from './timeline.ts';

/** The run without its beginning, in which programs are cold: what the system does under this load, and against what it could. */
export interface SteadyState {
  /** Seconds since publishing began. */
  readonly fromSeconds: number;
  readonly untilSeconds: number;
  readonly resultsPerSecond: number | null;
  /** What the processors that were started here can do together, by the time that they took for a frame; null where none were. */
  readonly capacityPerSecond: number | null;
  /** Results as a share of the capacity: of all seconds, and of the one with the fewest and the most. */
  readonly ofCapacity: { readonly mean: number; readonly least: number; readonly most: number } | null;
  /** What a processor took for a frame, ms. */
  readonly serviceMs: number | null;
  /** Age of processed frames, ms: from the moment they were due until their result was seen. */
  readonly ageMs: LatencySummary;
  /** The p99 of that, in service times. */
  readonly ageP99InServiceTimes: number | null;
  /** Since publishing began; null where it never was. */
  readonly highAfterSeconds: number | null;
  /** Since the last frame was published; 0 where it was normal then, null where it never became so. */
  readonly normalAfterSeconds: number | null;
  /** What the orchestrators still hold once their garbage is collected, the largest, in MiB; null where it isn't known. */
  readonly heapMiB: HeapMarks;
}

export interface HeapMarks {
  readonly warm: number | null;
  readonly atEnd: number | null;
  readonly afterwards: number | null;
}

export interface SteadyInput {
  readonly warmUpSeconds: number;
  /** How long frames were published. */
  readonly seconds: number;
  readonly timeline: readonly TimelineRow[];
  readonly levels: readonly LevelSpan[];
  readonly ageMs: LatencySummary;
  readonly serviceMs: number | null;
  /** Frames in process at once at all processors that were started here, each of which can do all that is asked for; 0: none, or not so. */
  readonly slots: number;
  readonly heapMiB: HeapMarks;
}

export function steadyState(input: SteadyInput): SteadyState {
  const { warmUpSeconds, seconds, timeline, ageMs, serviceMs, slots } = input;
  const rows = timeline.filter(
    ({ atSeconds }, i) => (timeline[i - 1]?.atSeconds ?? 0) >= warmUpSeconds && atSeconds <= seconds,
  );
  const fromSeconds = timeline[timeline.indexOf(rows[0] as TimelineRow) - 1]?.atSeconds ?? warmUpSeconds;
  const rate = meanRate(rows, fromSeconds);
  const capacity = slots > 0 && serviceMs ? (slots * 1000) / serviceMs : null;
  const rates = rows.map(({ resultsPerSecond }) => resultsPerSecond);
  const of = (perSecond: number): number => rounded(perSecond / (capacity ?? Number.NaN), 3);
  return {
    fromSeconds,
    untilSeconds: rows.at(-1)?.atSeconds ?? seconds,
    resultsPerSecond: rate === null ? null : rounded(rate, 1),
    capacityPerSecond: capacity === null ? null : rounded(capacity, 1),
    ofCapacity:
      rate === null || capacity === null
        ? null
        : { mean: of(rate), least: of(Math.min(...rates)), most: of(Math.max(...rates)) },
    serviceMs,
    ageMs,
    ageP99InServiceTimes: ageMs.p99 !== null && serviceMs ? rounded(ageMs.p99 / serviceMs, 2) : null,
    ...levelTimes(input.levels, seconds),
    heapMiB: input.heapMiB,
  };
}

function meanRate(rows: readonly TimelineRow[], fromSeconds: number): number | null {
  let results = 0;
  let lastSeconds = fromSeconds;
  for (const { atSeconds, resultsPerSecond } of rows) {
    results += resultsPerSecond * (atSeconds - lastSeconds);
    lastSeconds = atSeconds;
  }
  return rows.length === 0 ? null : results / (lastSeconds - fromSeconds);
}

function levelTimes(
  levels: readonly LevelSpan[],
  seconds: number,
): Pick<SteadyState, 'highAfterSeconds' | 'normalAfterSeconds'> {
  const high = levels.find(({ level }) => level === 'high' || level === 'critical');
  const atEnd = levels.findLast(({ atSeconds }) => atSeconds <= seconds);
  const normal =
    atEnd?.level === 'normal'
      ? seconds
      : levels.find(({ level, atSeconds }) => level === 'normal' && atSeconds > seconds)?.atSeconds;
  return {
    highAfterSeconds: high?.atSeconds ?? null,
    normalAfterSeconds: normal === undefined ? null : rounded(normal - seconds, 2),
  };
}

const rounded = (value: number, places: number): number => Number(value.toFixed(places));
