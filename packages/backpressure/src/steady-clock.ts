/** Milliseconds since any fixed moment. */
export type Clock = () => number;

/**
 * A clock that only moves forward, over one that may not: a step back of the source (`Date.now` after a correction
 * by NTP) counts as no time at all, and time goes on from there. Clamping to the latest value seen would instead stop
 * time for as long as the step was. Starts at 0.
 */
export class SteadyClock {
  readonly #source: Clock;
  /** The source's last reading, and the time here. A typed array: a number in a field may be boxed on every write. */
  readonly #ms = new Float64Array(2);

  constructor(source: Clock) {
    this.#source = source;
    const sourceMs = source();
    this.#ms[0] = Number.isFinite(sourceMs) ? sourceMs : 0;
  }

  now(): number {
    const sourceMs = this.#source();
    const nowMs = this.#ms[1] as number;
    if (sourceMs - sourceMs !== 0) return nowMs; // NaN or infinite: no reading, no time
    const elapsedMs = sourceMs - (this.#ms[0] as number);
    this.#ms[0] = sourceMs;
    if (!(elapsedMs > 0)) return nowMs;
    return (this.#ms[1] = nowMs + elapsedMs);
  }
}
