/** What decides how much may be read for a pool now. Unknown figures are NaN. */
export interface IntakeReading {
  /** Frames that its processors would take at once: capacity minus outstanding, over all of them. */
  readonly credits: number;
  /** Frames read and waiting. */
  readonly waiting: number;
  readonly waitingLimit: number;
  /** How fast the pool finishes frames; NaN where that isn't known yet. */
  readonly drainPerSecond: number;
}

/** What a pool finishes in this time is always read ahead: more than a round trip for the next read takes. */
export const DEFAULT_COVER_MS = 100;

/**
 * How many frames to read now for a pool.
 *
 * The rate is of the read-ahead, not of the pool's speed: whatever the level, the credits may be filled, and what the pool
 * finishes in `coverMs` (one frame at least, so that the wait can still be seen) waits behind them. So pressure shortens the queue, to
 * nearly nothing when paused, and never starves a processor; there is no sawtooth of filling and emptying. To stop reading altogether
 * is what a manual pause is for.
 *
 * @param rate 0 to 1, see `consumptionRate`.
 * @returns whole frames, 0 or more.
 */
export function intakeAllowance(reading: IntakeReading, rate: number, coverMs = DEFAULT_COVER_MS): number {
  const { credits, waiting, waitingLimit, drainPerSecond } = reading;
  const cover = Math.ceil(orZero(drainPerSecond * coverMs) / 1_000);
  const wanted = Math.max(1, cover, Math.floor(orZero(rate) * waitingLimit));
  const readAhead = orZero(Math.min(waitingLimit, wanted));
  return orZero(Math.floor(orZero(credits)) + readAhead - orZero(waiting));
}

/** Unknown (NaN) and negative figures give no leave to read. */
function orZero(value: number): number {
  return value > 0 ? value : 0;
}
