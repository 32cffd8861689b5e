import { createCircuitBreaker, REFUSED } from '@frame-buffer/circuit-breaker';
import { meanNs } from './mean-of-runs.ts';

export interface BreakerReport {
  /** One call that a closed breaker lets through: `tryAcquire` and `succeed`. */
  readonly acquireNs: number;
}

/** @throws Error where a call was refused, which a closed breaker never does */
export function benchBreaker(calls: number): BreakerReport {
  const breaker = createCircuitBreaker();
  let refused = 0;
  const acquireNs = meanNs(calls, (steps) => {
    for (let i = 0; i < steps; i++) {
      const permit = breaker.tryAcquire();
      if (permit === REFUSED) refused++;
      else breaker.succeed(permit);
    }
  });
  if (refused > 0) throw new Error(`the closed breaker refused ${refused} calls`);
  return { acquireNs };
}
