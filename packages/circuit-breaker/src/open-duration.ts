/** How long an open breaker stays open, in ms, and how that grows. */
export interface OpenDurationOptions {
  /** The first time. */
  openMs: number;
  /** Factor from one time to the next, while it doesn't recover. 1 keeps it constant. */
  openGrowth: number;
  /** Never longer than this, jitter included. */
  maxOpenMs: number;
  /** 0 to 1: each time is shortened by a random share of up to this much, so that many breakers don't probe in step. */
  openJitter: number;
}

/**
 * Exponential growth with jitter, up to a cap. The growth is forgotten once the breaker has stayed closed for as long
 * as it was last open: one lucky probe between two failures doesn't start it anew.
 */
export class OpenDurations {
  readonly #options: OpenDurationOptions;
  readonly #rng: () => number;
  #opens = 0;
  #lastMs = 0;
  #closedAtMs = 0;

  constructor(options: OpenDurationOptions, rng: () => number) {
    this.#options = options;
    this.#rng = rng;
  }

  /** Times in a row that it opened. */
  get opens(): number {
    return this.#opens;
  }

  /** @returns how long to stay open now, in ms. */
  next(): number {
    const { openMs, openGrowth, maxOpenMs, openJitter } = this.#options;
    const plainMs = Math.min(maxOpenMs, openMs * openGrowth ** this.#opens);
    this.#opens++;
    const random = this.#rng();
    // A generator out of its range must not make a time that never ends.
    this.#lastMs = random >= 0 && random <= 1 ? plainMs * (1 - openJitter * random) : plainMs;
    return this.#lastMs;
  }

  closed(nowMs: number): void {
    this.#closedAtMs = nowMs;
  }

  /** To be called when a closed breaker trips, before `next`. */
  tripped(nowMs: number): void {
    if (nowMs - this.#closedAtMs >= this.#lastMs) this.#opens = 0;
  }

  reset(nowMs: number): void {
    this.#opens = 0;
    this.#lastMs = 0;
    this.#closedAtMs = nowMs;
  }
}
