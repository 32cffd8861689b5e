import { MAX_TOKEN, NO_TOKEN } from './permit.ts';

/** More probes at once than this is no longer probing. */
export const MAX_PROBES = 128;

/**
 * The permits of half-open: at most `limit` at once, each with a deadline. A slot is found by the token of its probe, so
 * that a probe settled twice can't free the slot of another.
 */
export class ProbeSlots {
  /** The token in each slot; 0 is a free slot. */
  readonly #tokens: Int32Array;
  readonly #deadlinesMs: Float64Array;
  #inFlight = 0;
  #lastToken = NO_TOKEN;

  constructor(limit: number) {
    this.#tokens = new Int32Array(limit);
    this.#deadlinesMs = new Float64Array(limit);
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  get full(): boolean {
    return this.#inFlight === this.#tokens.length;
  }

  /** @returns the token of the new probe, or `NO_TOKEN` where all slots are taken. */
  acquire(deadlineMs: number): number {
    const slot = this.#tokens.indexOf(NO_TOKEN);
    if (slot < 0) return NO_TOKEN;
    const token = this.#freshToken();
    this.#tokens[slot] = token;
    this.#deadlinesMs[slot] = deadlineMs;
    this.#inFlight++;
    return token;
  }

  /** @returns false where no such probe is in flight. */
  release(token: number): boolean {
    if (token === NO_TOKEN) return false;
    const slot = this.#tokens.indexOf(token);
    if (slot < 0) return false;
    this.#tokens[slot] = NO_TOKEN;
    this.#inFlight--;
    return true;
  }

  /** The deadline that comes first, or Infinity where nothing is in flight. */
  earliestDeadlineMs(): number {
    let earliestMs = Infinity;
    if (this.#inFlight === 0) return earliestMs;
    for (let slot = 0; slot < this.#tokens.length; slot++) {
      const deadlineMs = this.#deadlinesMs[slot] as number;
      if (this.#tokens[slot] !== NO_TOKEN && deadlineMs < earliestMs) earliestMs = deadlineMs;
    }
    return earliestMs;
  }

  expiredBy(nowMs: number): number {
    let expired = 0;
    for (let slot = 0; slot < this.#tokens.length; slot++) {
      if (this.#tokens[slot] !== NO_TOKEN && (this.#deadlinesMs[slot] as number) <= nowMs) expired++;
    }
    return expired;
  }

  clear(): void {
    this.#tokens.fill(NO_TOKEN);
    this.#inFlight = 0;
  }

  #freshToken(): number {
    do {
      this.#lastToken = this.#lastToken === MAX_TOKEN ? NO_TOKEN + 1 : this.#lastToken + 1;
    } while (this.#tokens.includes(this.#lastToken));
    return this.#lastToken;
  }
}
