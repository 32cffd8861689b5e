import { getHeapStatistics } from 'node:v8';
import type { CircuitBreakerOptions } from './breaker-options.ts';
import { createCircuitBreaker } from './circuit-breaker.ts';
import { consecutiveFailures } from './consecutive-rule.ts';
import { countWindow } from './count-window.ts';
import { REFUSED } from './permit.ts';
import { timeWindow } from './time-window.ts';

const CYCLES = 200_000;
/** One boxed number for each cycle would be 12 bytes or more; what the compiler itself allocates is far below this. */
const MAX_BYTES_PER_CYCLE = 4;

function allocatedBytes(): number | undefined {
  return (getHeapStatistics() as { total_allocated_bytes?: number }).total_allocated_bytes;
}

/** The least of several rounds: the first ones pay for compilation. */
function bytesPerCycle(cycle: (i: number) => void): number {
  let least = Infinity;
  for (let round = 0; round < 8; round++) {
    const before = allocatedBytes() ?? 0;
    for (let i = 0; i < CYCLES; i++) cycle(i);
    least = Math.min(least, ((allocatedBytes() ?? 0) - before) / CYCLES);
  }
  return least;
}

/** Whole milliseconds: what a clock boxes itself is not the breaker's to answer for. */
let nowMs = 0;
const clock = (): number => nowMs++ >> 8;

/** Older versions of Node don't tell how much was allocated. */
const describeWhereMeasured = allocatedBytes() === undefined ? describe.skip : describe;

describeWhereMeasured('the hot path allocates nothing', () => {
  it.each<[string, Partial<CircuitBreakerOptions>]>([
    ['consecutive failures', { trip: consecutiveFailures(5) }],
    ['a count window', { trip: countWindow() }],
    ['a time window', { trip: timeWindow() }],
  ])('in closed, with %s', (_name, options) => {
    const breaker = createCircuitBreaker({ ...options, slowCallMs: 1_000, clock });
    const bytes = bytesPerCycle((i) => {
      const permit = breaker.tryAcquire();
      if (i % 4 === 0) breaker.fail(permit);
      else breaker.succeed(permit, 3);
    });
    expect(breaker.counters().refused).toBe(0);
    expect(bytes).toBeLessThan(MAX_BYTES_PER_CYCLE);
  });

  it('in open', () => {
    const breaker = createCircuitBreaker({ trip: consecutiveFailures(1), openMs: 3_600_000, clock });
    breaker.fail(breaker.tryAcquire());
    let admitted = 0;
    const bytes = bytesPerCycle(() => {
      if (breaker.tryAcquire() !== REFUSED) admitted++;
    });
    expect(admitted).toBe(0);
    expect(bytes).toBeLessThan(MAX_BYTES_PER_CYCLE);
  });
});
