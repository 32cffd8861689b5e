import { inRange, wholeInRange } from './range-check.ts';
import { completeRateLimits, exceedsLimits, type RateLimits } from './rate-limits.ts';
import type { CallCounts, TimeSource, TripRule, TripRuleFactory } from './trip-rule.ts';

export interface TimeWindowOptions extends RateLimits {
  /** The calls of the last so many ms are looked at. */
  windowMs: number;
  /** The window moves on in so many steps: it covers between (buckets - 1) / buckets of `windowMs` and all of it. */
  buckets: number;
}

/** Long enough for 20 calls at two a second. */
const DEFAULT_WINDOW_MS = 10_000;
const DEFAULT_BUCKETS = 10;
const MAX_CALLS = Number.MAX_SAFE_INTEGER;

/**
 * Opens on the share of failed or slow calls in the last `windowMs`. A ring of buckets with running totals: O(1) for a
 * call, O(buckets) after a pause, and memory that doesn't depend on the number of calls.
 * @throws RangeError with name, bounds and value.
 */
export function timeWindow(options: Partial<TimeWindowOptions> = {}): TripRuleFactory {
  const complete: TimeWindowOptions = {
    windowMs: inRange('windowMs', options.windowMs ?? DEFAULT_WINDOW_MS, 1, 86_400_000),
    buckets: wholeInRange('buckets', options.buckets ?? DEFAULT_BUCKETS, 1, 1_000),
    ...completeRateLimits(options, MAX_CALLS),
  };
  return (clock) => new TimeWindow(complete, clock);
}

class TimeWindow implements TripRule {
  readonly #options: TimeWindowOptions;
  readonly #clock: TimeSource;
  readonly #bucketMs: number;
  readonly #callsIn: Uint32Array;
  readonly #failedIn: Uint32Array;
  readonly #slowIn: Uint32Array;
  /** Number of the newest bucket since time 0; its place in the ring is this modulo the ring's length. */
  #newest = 0;
  #calls = 0;
  #failed = 0;
  #slow = 0;

  constructor(options: TimeWindowOptions, clock: TimeSource) {
    this.#options = options;
    this.#clock = clock;
    this.#bucketMs = options.windowMs / options.buckets;
    this.#callsIn = new Uint32Array(options.buckets);
    this.#failedIn = new Uint32Array(options.buckets);
    this.#slowIn = new Uint32Array(options.buckets);
  }

  record(failed: boolean, slow: boolean): boolean {
    this.#moveOn(Math.floor(this.#clock.now() / this.#bucketMs));
    const bucket = this.#newest % this.#callsIn.length;
    (this.#callsIn[bucket] as number)++;
    this.#calls++;
    if (failed) {
      (this.#failedIn[bucket] as number)++;
      this.#failed++;
    }
    if (slow) {
      (this.#slowIn[bucket] as number)++;
      this.#slow++;
    }
    return exceedsLimits(this.#calls, this.#failed, this.#slow, this.#options);
  }

  counts(): CallCounts {
    this.#moveOn(Math.floor(this.#clock.now() / this.#bucketMs));
    return { calls: this.#calls, failed: this.#failed, slow: this.#slow };
  }

  reset(): void {
    this.#callsIn.fill(0);
    this.#failedIn.fill(0);
    this.#slowIn.fill(0);
    this.#calls = 0;
    this.#failed = 0;
    this.#slow = 0;
  }

  /** Empties every bucket that time has passed by, also those that no call fell into. */
  #moveOn(newest: number): void {
    const steps = newest - this.#newest;
    if (!(steps > 0)) return;
    this.#newest = newest;
    if (steps >= this.#callsIn.length) {
      if (this.#calls > 0) this.reset();
      return;
    }
    for (let passed = newest - steps + 1; passed <= newest; passed++) {
      const bucket = passed % this.#callsIn.length;
      this.#calls -= this.#callsIn[bucket] as number;
      this.#failed -= this.#failedIn[bucket] as number;
      this.#slow -= this.#slowIn[bucket] as number;
      this.#callsIn[bucket] = 0;
      this.#failedIn[bucket] = 0;
      this.#slowIn[bucket] = 0;
    }
  }
}
