export interface BackoffOptions {
  /** The first wait is about this long. */
  baseMs: number;
  /** No wait is longer. */
  maxMs: number;
}

/** A camera that restarts is back within seconds; one that is gone is asked twice a minute. */
const DEFAULTS: BackoffOptions = { baseMs: 500, maxMs: 30_000 };

/**
 * Exponential backoff with equal jitter (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015): half of the
 * wait is certain, the other half random, so that cameras which went away together don't all come back at once.
 * @param attempt from 1
 * @param rng a number from 0 up to 1
 * @returns ms to wait before this attempt
 */
export function backoffMs(attempt: number, rng: () => number, options: Partial<BackoffOptions> = {}): number {
  const { baseMs, maxMs } = { ...DEFAULTS, ...options };
  const ceiling = Math.min(baseMs * 2 ** Math.min(attempt - 1, 30), maxMs);
  return ceiling * (0.5 + rng() / 2);
}
