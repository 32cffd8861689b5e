import { inRange } from './range-check.ts';
import { NORMAL, type PressureLevel } from './pressure-level.ts';
import { type Clock, SteadyClock } from './steady-clock.ts';

export interface BudgetReading {
  readonly level: PressureLevel;
  /** Frames that wait for the pool now. */
  readonly waiting: number;
  /** New frames per second that it took lately; NaN where unknown. */
  readonly drainPerSecond: number;
  /** Frames per second that cameras send it. */
  readonly arrivalsPerSecond: number;
}

export interface PoolBudgetOptions {
  /** Frames must have waited for so long before what the pool takes is what it can do. At least the window of the rate that it is shown. */
  saturatedMs: number;
  clock: Clock;
}

const DEFAULT_SATURATED_MS = 3_000;
/** Shares of the pool's speed from normal to critical: what waits is worked off meanwhile. */
const SHARES = [1, 0.95, 0.9, 0.8] as const;
/** While nothing waits it may be faster than was seen: so much more is tried each second. */
const GROWTH_PER_SECOND = 1.1;
/** A budget of so many times what arrives binds nobody. */
const RELEASED_AT = 2;
/** A pool that does nothing is sent so much, or nobody would see that it is back. Frames per second. */
const LEAST_PER_SECOND = 1;
/** How much of a new measurement goes into the speed each second. */
const WEIGHT_PER_SECOND = 0.3;

/**
 * What cameras may send to a pool: nothing is limited until it was under pressure with frames waiting for a while; then its own
 * speed, a little less under pressure. Measured only while frames wait, because an idle pool shows what comes and not what it
 * could do: so advice that is obeyed does not become its own reason. With nothing waiting the budget grows until frames wait again
 * or it binds nobody: the pool is never held below its own speed for longer than one of these steps.
 */
export class PoolBudget {
  readonly #saturatedMs: number;
  readonly #clock: SteadyClock;
  #lastMs: number;
  #waitingSinceMs: number | undefined;
  #speed = Number.NaN;
  #limits = false;

  /** @throws RangeError with name, bounds and value. */
  constructor(options: Partial<PoolBudgetOptions> = {}) {
    this.#saturatedMs = inRange('saturatedMs', options.saturatedMs ?? DEFAULT_SATURATED_MS, 0, 3_600_000);
    this.#clock = new SteadyClock(options.clock ?? (() => performance.now()));
    this.#lastMs = this.#clock.now();
  }

  /** To be called about once a second. @returns frames per second; Infinity where it limits nobody */
  observe({ level, waiting, drainPerSecond, arrivalsPerSecond }: BudgetReading): number {
    const nowMs = this.#clock.now();
    const seconds = (nowMs - this.#lastMs) / 1_000;
    this.#lastMs = nowMs;
    this.#waitingSinceMs = waiting > 0 ? (this.#waitingSinceMs ?? nowMs) : undefined;
    const saturated = this.#waitingSinceMs !== undefined && nowMs - this.#waitingSinceMs >= this.#saturatedMs;
    const idle = waiting === 0 && level === NORMAL;
    if (saturated && drainPerSecond >= 0) {
      const weight =
        Number.isNaN(this.#speed) || !this.#limits ? 1 : Math.min(1, WEIGHT_PER_SECOND * seconds);
      const before = weight === 1 ? 0 : this.#speed * (1 - weight);
      this.#speed = Math.max(LEAST_PER_SECOND, before + drainPerSecond * weight);
      if (level !== NORMAL) this.#limits = true;
    } else if (this.#limits && idle) {
      this.#speed *= GROWTH_PER_SECOND ** seconds;
      if (this.#speed > RELEASED_AT * arrivalsPerSecond) this.#limits = false;
    }
    return this.#limits ? this.#speed * SHARES[level] : Infinity;
  }
}
