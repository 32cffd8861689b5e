import { wholeInRange } from './range-check.ts';
import type { CallCounts, TripRule, TripRuleFactory } from './trip-rule.ts';

/**
 * Opens after `threshold` bad calls in a row. Failed calls are bad, and slow ones where the breaker has a `slowCallMs`. The
 * rule to take where calls are few: it needs no minimum.
 * @throws RangeError where `threshold` isn't a whole number from 1.
 */
export function consecutiveFailures(threshold: number): TripRuleFactory {
  wholeInRange('threshold', threshold, 1, 1_000_000);
  return () => new ConsecutiveRule(threshold);
}

class ConsecutiveRule implements TripRule {
  readonly #threshold: number;
  #failed = 0;
  #slow = 0;
  #run = 0;

  constructor(threshold: number) {
    this.#threshold = threshold;
  }

  record(failed: boolean, slow: boolean): boolean {
    if (!failed && !slow) {
      if (this.#run !== 0) this.reset();
      return false;
    }
    this.#run++;
    if (failed) this.#failed++;
    if (slow) this.#slow++;
    return this.#run >= this.#threshold;
  }

  /** Of the present run. */
  counts(): CallCounts {
    return { calls: this.#run, failed: this.#failed, slow: this.#slow };
  }

  reset(): void {
    this.#run = 0;
    this.#failed = 0;
    this.#slow = 0;
  }
}
