import { inRange, wholeInRange } from './range-check.ts';
import { type Clock, SteadyClock } from './steady-clock.ts';

export interface RateMeterOptions {
  /** The rate is that of the last so many ms. */
  windowMs: number;
  /** The window moves on in so many steps. */
  buckets: number;
  clock: Clock;
}

/** Smooth enough for a pool that finishes a few frames a second, fresh enough to follow it. */
const DEFAULT_WINDOW_MS = 5_000;
const DEFAULT_BUCKETS = 10;

/** Events per second over a sliding window: O(1) for an event, and memory that doesn't depend on how many there are. */
export class RateMeter {
  readonly #clock: SteadyClock;
  readonly #bucketMs: number;
  readonly #counts: Float64Array;
  /** Number of the newest bucket since time 0; its place in the ring is this modulo the ring's length. */
  #newest = 0;
  #total = 0;

  /** @throws RangeError with name, bounds and value. */
  constructor(options: Partial<RateMeterOptions> = {}) {
    const windowMs = inRange('windowMs', options.windowMs ?? DEFAULT_WINDOW_MS, 1, 86_400_000);
    const buckets = wholeInRange('buckets', options.buckets ?? DEFAULT_BUCKETS, 2, 1_000);
    this.#clock = new SteadyClock(options.clock ?? (() => performance.now()));
    this.#bucketMs = windowMs / buckets;
    this.#counts = new Float64Array(buckets);
  }

  add(events = 1): void {
    this.#moveOn(this.#clock.now());
    const bucket = this.#newest % this.#counts.length;
    this.#counts[bucket] = (this.#counts[bucket] as number) + events;
    this.#total += events;
  }

  /** NaN until the meter has run for one bucket. */
  perSecond(): number {
    const nowMs = this.#clock.now();
    this.#moveOn(nowMs);
    if (nowMs < this.#bucketMs) return Number.NaN;
    const oldestMs = Math.max(0, this.#newest - this.#counts.length + 1) * this.#bucketMs;
    return (this.#total * 1_000) / (nowMs - oldestMs);
  }

  #moveOn(nowMs: number): void {
    const newest = Math.floor(nowMs / this.#bucketMs);
    const from = Math.max(this.#newest + 1, newest - this.#counts.length + 1);
    for (let passed = from; passed <= newest; passed++) {
      const bucket = passed % this.#counts.length;
      this.#total -= this.#counts[bucket] as number;
      this.#counts[bucket] = 0;
    }
    this.#newest = newest;
  }
}

/** @throws RangeError with name, bounds and value. */
export function createRateMeter(options: Partial<RateMeterOptions> = {}): RateMeter {
  return new RateMeter(options);
}
