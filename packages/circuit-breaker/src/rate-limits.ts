import { inRange, wholeInRange } from './range-check.ts';

/** Shares of the calls in a window at which the breaker opens. */
export interface RateLimits {
  /** With fewer calls than this in the window there is no verdict. */
  minimumCalls: number;
  /** Above 0, up to 1: opens when failed / calls reaches this. */
  failureRate: number;
  /** Above 0, up to 1: opens when slow / calls reaches this. Nothing is slow unless the breaker has a `slowCallMs`. */
  slowCallRate: number;
}

export const DEFAULT_RATE_LIMITS: RateLimits = {
  // Enough for a rate to mean something, few enough to be there within seconds.
  minimumCalls: 20,
  failureRate: 0.5,
  slowCallRate: 1,
};

export function completeRateLimits(options: Partial<RateLimits>, maximumCalls: number): RateLimits {
  const { minimumCalls, failureRate, slowCallRate } = options;
  const fallback = Math.min(DEFAULT_RATE_LIMITS.minimumCalls, maximumCalls);
  return {
    minimumCalls: wholeInRange('minimumCalls', minimumCalls ?? fallback, 1, maximumCalls),
    failureRate: inRange('failureRate', failureRate ?? DEFAULT_RATE_LIMITS.failureRate, Number.MIN_VALUE, 1),
    slowCallRate: inRange(
      'slowCallRate',
      slowCallRate ?? DEFAULT_RATE_LIMITS.slowCallRate,
      Number.MIN_VALUE,
      1,
    ),
  };
}

export function exceedsLimits(calls: number, failed: number, slow: number, limits: RateLimits): boolean {
  return (
    calls >= limits.minimumCalls &&
    (failed / calls >= limits.failureRate || slow / calls >= limits.slowCallRate)
  );
}
