/** Milliseconds since a fixed moment, never going back. */
export interface TimeSource {
  now(): number;
}

/** What a rule has seen and still remembers. `slow` includes failed calls that were slow. */
export interface CallCounts {
  readonly calls: number;
  readonly failed: number;
  readonly slow: number;
}

/**
 * Decides when a closed breaker opens. It hears every result of the present closed era, and only those. Bring your
 * own by implementing this.
 */
export interface TripRule {
  /** Must not throw and should not allocate. @returns true where the breaker must open now. */
  record(failed: boolean, slow: boolean): boolean;
  counts(): CallCounts;
  reset(): void;
}

/**
 * Options hold the maker, not the rule, so that breakers made from the same options share no state. `clock` is the
 * breaker's, which never goes back; a rule asks it only if it needs to know the time.
 */
export type TripRuleFactory = (clock: TimeSource) => TripRule;
