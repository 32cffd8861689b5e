import { inRange, wholeInRange } from './range-check.ts';
import { completeRateLimits, exceedsLimits, type RateLimits } from './rate-limits.ts';
import type { CallCounts, TimeSource, TripRule, TripRuleFactory } from './trip-rule.ts';

export interface CountWindowOptions extends RateLimits {
  /** The last so many calls are looked at. */
  size: number;
  /** After so long without a call the window starts empty: what was true then says nothing about now. */
  idleResetMs: number;
}

/** A hundred calls give the rate a resolution of one percent. */
const DEFAULT_SIZE = 100;
/** Longer than the pauses of a quiet camera, shorter than it takes a processor to be restarted and forgotten. */
const DEFAULT_IDLE_RESET_MS = 300_000;

const FAILED = 1;
const SLOW = 2;

/**
 * Opens on the share of failed or slow calls among the last `size` calls. A ring of one byte for each call, O(1).
 * @throws RangeError with name, bounds and value.
 */
export function countWindow(options: Partial<CountWindowOptions> = {}): TripRuleFactory {
  const size = wholeInRange('size', options.size ?? DEFAULT_SIZE, 1, 1_000_000);
  const complete: CountWindowOptions = {
    size,
    idleResetMs: inRange('idleResetMs', options.idleResetMs ?? DEFAULT_IDLE_RESET_MS, 1, Infinity),
    ...completeRateLimits(options, size),
  };
  return (clock) => new CountWindow(complete, clock);
}

class CountWindow implements TripRule {
  readonly #options: CountWindowOptions;
  /** Undefined where idleness doesn't matter. */
  readonly #clock: TimeSource | undefined;
  readonly #ring: Uint8Array;
  #next = 0;
  #calls = 0;
  #failed = 0;
  #slow = 0;
  /** One element: when the last call was. A typed array, because a number in a field may be boxed anew on each write. */
  readonly #lastMs = new Float64Array(1);

  constructor(options: CountWindowOptions, clock: TimeSource) {
    this.#options = options;
    this.#clock = options.idleResetMs < Infinity ? clock : undefined;
    this.#ring = new Uint8Array(options.size);
  }

  record(failed: boolean, slow: boolean): boolean {
    if (this.#clock) this.#forgetWhenIdle(this.#clock.now());
    this.#replaceOldest((failed ? FAILED : 0) | (slow ? SLOW : 0));
    return exceedsLimits(this.#calls, this.#failed, this.#slow, this.#options);
  }

  counts(): CallCounts {
    const idleMs = this.#clock ? this.#clock.now() - (this.#lastMs[0] as number) : 0;
    if (idleMs >= this.#options.idleResetMs) this.reset();
    return { calls: this.#calls, failed: this.#failed, slow: this.#slow };
  }

  reset(): void {
    this.#next = 0;
    this.#calls = 0;
    this.#failed = 0;
    this.#slow = 0;
  }

  #forgetWhenIdle(nowMs: number): void {
    if (nowMs - (this.#lastMs[0] as number) >= this.#options.idleResetMs) this.reset();
    this.#lastMs[0] = nowMs;
  }

  #replaceOldest(flags: number): void {
    if (this.#calls === this.#ring.length) {
      const oldest = this.#ring[this.#next] as number;
      if (oldest & FAILED) this.#failed--;
      if (oldest & SLOW) this.#slow--;
    } else {
      this.#calls++;
    }
    this.#ring[this.#next] = flags;
    if (flags & FAILED) this.#failed++;
    if (flags & SLOW) this.#slow++;
    this.#next = this.#next + 1 === this.#ring.length ? 0 : this.#next + 1;
  }
}
