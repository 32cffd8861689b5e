/**
 * What is known of a pool (the processors that share a capability) at one moment. Unknown figures are NaN, never 0; a part of the
 * pressure that can't be told is left out.
 */
export interface PoolReading {
  /** Frames handed to its processors and not done. */
  readonly outstanding: number;
  /** How many its processors want at once, together. */
  readonly capacity: number;
  /** Frames in its waiting room. */
  readonly waiting: number;
  /** How many may be there. */
  readonly waitingLimit: number;
  /**
   * Age of the oldest waiting frame, 0 where none waits. Count it from when the frame was published, not from when it was read:
   * then a backlog that wasn't read yet is pressure too.
   */
  readonly oldestWaitMs: number;
  /** Of the frames that arrived lately, the share that was shed, 0 to 1. A pool that sheds keeps its queue short, and is under pressure. */
  readonly shedRatio?: number | undefined;
}

export interface PressureLimits {
  /** An oldest frame this old is a pressure of 1. */
  waitLimitMs: number;
  /** A shed share this large is a pressure of 1. */
  shedLimitRatio: number;
}

export type PressureCause = 'fill' | 'wait' | 'shed';

/** All are shares of a limit: 0 is none, 1 is at the limit, more is possible. NaN is unknown. */
export interface PoolPressure {
  /** The largest of the parts that are known. */
  readonly pressure: number;
  /** Which part that is; undefined where all are unknown. */
  readonly cause: PressureCause | undefined;
  readonly fill: number;
  readonly wait: number;
  readonly shed: number;
}

/**
 * Fill is of all places, credits and waiting room together: processors that are all busy are no pressure as long as nobody waits for them.
 */
export function poolPressure(reading: PoolReading, limits: PressureLimits): PoolPressure {
  const taken = reading.outstanding + reading.waiting;
  const places = reading.capacity + reading.waitingLimit;
  const fill = taken === 0 ? 0 : taken / places;
  const wait = reading.oldestWaitMs / limits.waitLimitMs;
  const shed = (reading.shedRatio ?? 0) / limits.shedLimitRatio;
  let pressure = Number.NaN;
  let cause: PressureCause | undefined;
  if (fill >= 0) [pressure, cause] = [fill, 'fill'];
  if (wait >= 0 && !(wait <= pressure)) [pressure, cause] = [wait, 'wait'];
  // Not shedding is no evidence where nothing else is known.
  if (shed > 0 && !(shed <= pressure)) [pressure, cause] = [shed, 'shed'];
  return { pressure, cause, fill, wait, shed };
}
