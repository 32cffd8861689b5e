import {
  type CircuitBreaker,
  consecutiveFailures,
  createCircuitBreaker,
  REFUSED,
} from '@frame-buffer/circuit-breaker';
import { meanNs } from './mean-of-runs.ts';

export interface BreakerReport {
  /** One call that a closed breaker lets through: `tryAcquire`, and `succeed` or `fail`. */
  readonly acquireNs: number;
}

/** One for each processor, asked in no order: a single one in a tight loop would stay in registers and branch predictors. */
const BREAKERS = 50;
/** Calls of the table, which is run through again and again. */
const CALLS = 8_192;
const FAILS_ONE_IN = 50;
const MAX_DURATION_MS = 40;
const FAILURES_TO_OPEN = 5;

interface Call {
  readonly breaker: CircuitBreaker;
  readonly failed: boolean;
  readonly durationMs: number;
}

/** @throws Error where a call was refused, which a closed breaker never does, or where the breakers counted others than were made */
export function benchBreaker(calls: number): BreakerReport {
  const breakers = Array.from({ length: BREAKERS }, () =>
    createCircuitBreaker({ trip: consecutiveFailures(FAILURES_TO_OPEN) }),
  );
  const table = tableOf(breakers);
  let made = 0;
  let failed = 0;
  let settled = 0;
  const acquireNs = meanNs(calls, (steps) => {
    for (let i = 0; i < steps; i++) {
      const call = table[made++ % CALLS] as Call;
      const permit = call.breaker.tryAcquire();
      if (permit === REFUSED) continue;
      if (call.failed) failed++;
      // What it answers is used, so that no call can be left out.
      if (
        call.failed
          ? call.breaker.fail(permit, call.durationMs)
          : call.breaker.succeed(permit, call.durationMs)
      )
        settled++;
    }
  });
  const counted = { admitted: 0, failed: 0 };
  for (const breaker of breakers) {
    const counters = breaker.counters();
    counted.admitted += counters.admitted;
    counted.failed += counters.failed;
  }
  if (settled !== made || counted.admitted !== made || counted.failed !== failed)
    throw new Error(
      `${made} calls, ${failed} failed; settled ${settled}; counted ${JSON.stringify(counted)}`,
    );
  return { acquireNs };
}

/** Never two failures of one breaker in a row, so that all stay closed. */
function tableOf(breakers: readonly CircuitBreaker[]): Call[] {
  const lastFailed = new Set<CircuitBreaker>();
  return Array.from({ length: CALLS }, () => {
    const breaker = breakers[Math.floor(Math.random() * BREAKERS)] as CircuitBreaker;
    const failed = !lastFailed.has(breaker) && Math.random() < 1 / FAILS_ONE_IN;
    if (failed) lastFailed.add(breaker);
    else lastFailed.delete(breaker);
    return { breaker, failed, durationMs: Math.random() * MAX_DURATION_MS };
  });
}
