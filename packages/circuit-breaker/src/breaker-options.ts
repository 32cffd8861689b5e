import { consecutiveFailures } from './consecutive-rule.ts';
import type { OpenDurationOptions } from './open-duration.ts';
import { MAX_PROBES } from './probe-slots.ts';
import { inRange, wholeInRange } from './range-check.ts';
import type { Clock } from './steady-clock.ts';
import type { TripRuleFactory } from './trip-rule.ts';

export interface CircuitBreakerOptions extends OpenDurationOptions {
  /** When to open. */
  trip: TripRuleFactory;
  /** A call that took longer than this is slow; a slow probe counts as a failed one. Infinity: nothing is slow. */
  slowCallMs: number;
  /** Probes at once in half-open. */
  halfOpenPermits: number;
  /** Successful probes that close it. */
  successesToClose: number;
  /** A probe that has given no result after this is a failed one. */
  probeTimeoutMs: number;
  clock: Clock;
  /** 0 (included) to 1 (not included). */
  rng: () => number;
  /** Hears what a listener threw; nothing else would. */
  onListenerError: (error: unknown) => void;
}

/** No call is allowed to take a month, nor a breaker to stay open for one. */
const MAX_MS = 30 * 86_400_000;

const DEFAULTS: CircuitBreakerOptions = {
  // Five in a row are no coincidence even where one call in ten fails.
  trip: consecutiveFailures(5),
  slowCallMs: Infinity,
  // Long enough for a restart of the other side to begin, short enough not to be noticed after a hiccup.
  openMs: 1_000,
  openGrowth: 2,
  maxOpenMs: 60_000,
  openJitter: 0.2,
  halfOpenPermits: 1,
  successesToClose: 1,
  // Longer than any sensible call; set it to a little more than yours.
  probeTimeoutMs: 10_000,
  clock: () => performance.now(),
  rng: Math.random,
  onListenerError: () => {},
};

/** @throws RangeError with name, bounds and value. */
export function completeBreakerOptions(options: Partial<CircuitBreakerOptions>): CircuitBreakerOptions {
  const openMs = inRange('openMs', options.openMs ?? DEFAULTS.openMs, 1, MAX_MS);
  const maxOpenMs = options.maxOpenMs ?? Math.max(openMs, DEFAULTS.maxOpenMs);
  return {
    trip: options.trip ?? DEFAULTS.trip,
    slowCallMs: inRange('slowCallMs', options.slowCallMs ?? DEFAULTS.slowCallMs, 0, Infinity),
    openMs,
    openGrowth: inRange('openGrowth', options.openGrowth ?? DEFAULTS.openGrowth, 1, 100),
    maxOpenMs: inRange('maxOpenMs', maxOpenMs, openMs, MAX_MS),
    openJitter: inRange('openJitter', options.openJitter ?? DEFAULTS.openJitter, 0, 1),
    halfOpenPermits: wholeInRange(
      'halfOpenPermits',
      options.halfOpenPermits ?? DEFAULTS.halfOpenPermits,
      1,
      MAX_PROBES,
    ),
    successesToClose: wholeInRange(
      'successesToClose',
      options.successesToClose ?? DEFAULTS.successesToClose,
      1,
      1_000_000,
    ),
    probeTimeoutMs: inRange('probeTimeoutMs', options.probeTimeoutMs ?? DEFAULTS.probeTimeoutMs, 1, MAX_MS),
    clock: options.clock ?? DEFAULTS.clock,
    rng: options.rng ?? DEFAULTS.rng,
    onListenerError: options.onListenerError ?? DEFAULTS.onListenerError,
  };
}
