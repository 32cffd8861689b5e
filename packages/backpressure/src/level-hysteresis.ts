import { CRITICAL, MODERATE, NORMAL, type PressureLevel } from './pressure-level.ts';
import { inRange } from './range-check.ts';

/** For moderate, high and critical, in this order; rising. */
export type Thresholds = readonly [moderate: number, high: number, critical: number];

export interface HysteresisOptions {
  /** A level is entered as soon as the pressure reaches this. */
  enter: Thresholds;
  /** A level is left after the pressure has stayed below this for `dwellMs`. Each below its `enter`. */
  leave: Thresholds;
  dwellMs: number;
}

const DEFAULTS: HysteresisOptions = {
  enter: [0.6, 0.8, 0.95],
  leave: [0.5, 0.65, 0.8],
  // Longer than the gap between two bursts of a camera, shorter than an operator's patience.
  dwellMs: 2_000,
};

/** @throws RangeError with name, bounds and value. */
export function completeHysteresisOptions(options: Partial<HysteresisOptions>): HysteresisOptions {
  const enter = options.enter ?? DEFAULTS.enter;
  const leave = options.leave ?? DEFAULTS.leave;
  for (const i of [0, 1, 2] as const) {
    inRange(`enter[${i}]`, enter[i], i === 0 ? Number.MIN_VALUE : enter[(i - 1) as 0 | 1], Infinity);
    inRange(`leave[${i}]`, leave[i], i === 0 ? Number.MIN_VALUE : leave[(i - 1) as 0 | 1], enter[i]);
  }
  return { enter, leave, dwellMs: inRange('dwellMs', options.dwellMs ?? DEFAULTS.dwellMs, 0, 3_600_000) };
}

/**
 * A level from a noisy pressure: up at once, to whatever the pressure warrants; down to the lowest level such that the pressure
 * has stayed below what leaves every level above it for the dwell. An unknown pressure (NaN) changes nothing, and is no
 * evidence of calm.
 */
export class LevelHysteresis {
  readonly #options: HysteresisOptions;
  /** How long the pressure has stayed below what leaves moderate, high, critical; -1 where it isn't below. */
  readonly #calmMs: [number, number, number] = [-1, -1, -1];
  #lastMs = 0;
  #level: PressureLevel = NORMAL;

  /** @throws RangeError with name, bounds and value. */
  constructor(options: Partial<HysteresisOptions> = {}) {
    this.#options = completeHysteresisOptions(options);
  }

  get level(): PressureLevel {
    return this.#level;
  }

  /** @param nowMs of a clock that goes on; a step back counts as no time. */
  observe(pressure: number, nowMs: number): PressureLevel {
    const elapsedMs = Math.max(0, nowMs - this.#lastMs);
    this.#lastMs = nowMs;
    for (let level = MODERATE; level <= CRITICAL; level++) this.#watch(level, pressure, elapsedMs);
    while (this.#level > NORMAL && this.#isCalm(this.#level))
      this.#level = (this.#level - 1) as PressureLevel;
    for (let level = this.#level + 1; level <= CRITICAL; level++) {
      if (pressure >= this.#threshold('enter', level)) this.#level = level as PressureLevel;
    }
    return this.#level;
  }

  #watch(level: number, pressure: number, elapsedMs: number): void {
    const i = (level - 1) as 0 | 1 | 2;
    if (!(pressure < this.#threshold('leave', level))) this.#calmMs[i] = -1;
    else this.#calmMs[i] = this.#calmMs[i] < 0 ? 0 : this.#calmMs[i] + elapsedMs;
  }

  #isCalm(level: PressureLevel): boolean {
    const calmMs = this.#calmMs[(level - 1) as 0 | 1 | 2];
    return calmMs >= 0 && calmMs >= this.#options.dwellMs;
  }

  #threshold(which: 'enter' | 'leave', level: number): number {
    return this.#options[which][(level - 1) as 0 | 1 | 2];
  }
}
