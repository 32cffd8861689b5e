/** One reading of a process' resident memory. */
export interface MemorySample {
  /** Since the soak began. */
  readonly atSeconds: number;
  readonly megabytes: number;
}

/** What the readings of one life of a process show. */
export interface Flatness {
  readonly seconds: number;
  readonly firstMb: number;
  readonly lastMb: number;
  readonly maxMb: number;
  /** Growth over the second half, by the line of least squares; undefined where the life was too short to tell. */
  readonly growthMb: number | undefined;
  /** undefined: too short to tell. */
  readonly isFlat: boolean | undefined;
}

/** Node's heap finds its size in up to four minutes at these rates; a shorter life is judged by its maximum, see the report. */
const MIN_LIFE_SECONDS = 300;
/** What a garbage-collected heap moves by without growing. */
const TOLERATED_MB = 16;
const TOLERATED_SHARE = 0.1;

/** Judges the second half of a life: the first is warming up. */
export function flatnessOf(samples: readonly MemorySample[]): Flatness {
  const first = samples[0] ?? { atSeconds: 0, megabytes: 0 };
  const last = samples.at(-1) ?? first;
  const seconds = last.atSeconds - first.atSeconds;
  const seen = {
    seconds,
    firstMb: first.megabytes,
    lastMb: last.megabytes,
    maxMb: samples.reduce((max, { megabytes }) => Math.max(max, megabytes), 0),
  };
  if (seconds < MIN_LIFE_SECONDS) return { ...seen, growthMb: undefined, isFlat: undefined };
  const half = samples.filter(({ atSeconds }) => atSeconds >= first.atSeconds + seconds / 2);
  const growthMb = (slopeOf(half) * seconds) / 2;
  const mean = half.reduce((sum, { megabytes }) => sum + megabytes, 0) / half.length;
  return { ...seen, growthMb, isFlat: growthMb <= Math.max(TOLERATED_MB, TOLERATED_SHARE * mean) };
}

/** Megabytes per second. */
function slopeOf(samples: readonly MemorySample[]): number {
  const count = samples.length;
  const meanX = samples.reduce((sum, { atSeconds }) => sum + atSeconds, 0) / count;
  const meanY = samples.reduce((sum, { megabytes }) => sum + megabytes, 0) / count;
  let over = 0;
  let under = 0;
  for (const { atSeconds, megabytes } of samples) {
    over += (atSeconds - meanX) * (megabytes - meanY);
    under += (atSeconds - meanX) ** 2;
  }
  return under === 0 ? 0 : over / under;
}
