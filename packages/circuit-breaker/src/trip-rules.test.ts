import fc from 'fast-check';
import { anyRule } from './any-rule.ts';
import { consecutiveFailures } from './consecutive-rule.ts';
import { countWindow } from './count-window.ts';
import { timeWindow } from './time-window.ts';
import type { CallCounts, TripRule, TripRuleFactory } from './trip-rule.ts';

/** The same cases in every run; a failure is found again. */
fc.configureGlobal({ seed: 1957 });

interface Call {
  readonly failed: boolean;
  readonly slow: boolean;
  readonly afterMs: number;
}

const call = fc.record({
  failed: fc.boolean(),
  slow: fc.boolean(),
  afterMs: fc.integer({ min: 0, max: 400 }),
});

function at(factory: TripRuleFactory): { rule: TripRule; time: { nowMs: number } } {
  const time = { nowMs: 0 };
  return { rule: factory({ now: () => time.nowMs }), time };
}

function countsOf(calls: readonly Call[]): CallCounts {
  return {
    calls: calls.length,
    failed: calls.filter(({ failed }) => failed).length,
    slow: calls.filter(({ slow }) => slow).length,
  };
}

const OK: Call = { failed: false, slow: false, afterMs: 0 };
const FAILED: Call = { ...OK, failed: true };
const SLOW: Call = { ...OK, slow: true };

function verdicts(factory: TripRuleFactory, calls: readonly Call[]): boolean[] {
  const { rule } = at(factory);
  return calls.map(({ failed, slow }) => rule.record(failed, slow));
}

describe('consecutiveFailures', () => {
  it('trips on the n-th bad call in a row, and not before', () => {
    fc.assert(
      fc.property(fc.array(call), fc.integer({ min: 1, max: 6 }), (calls, threshold) => {
        let run = 0;
        const expected = calls.map(({ failed, slow }) => {
          run = failed || slow ? run + 1 : 0;
          return run >= threshold;
        });
        expect(verdicts(consecutiveFailures(threshold), calls)).toEqual(expected);
      }),
    );
  });
});

describe('countWindow', () => {
  it('counts exactly the last calls, whatever came before', () => {
    fc.assert(
      fc.property(fc.array(call, { maxLength: 60 }), fc.integer({ min: 1, max: 20 }), (calls, size) => {
        const { rule } = at(countWindow({ size }));
        calls.forEach((each, i) => {
          rule.record(each.failed, each.slow);
          expect(rule.counts()).toEqual(countsOf(calls.slice(Math.max(0, i + 1 - size), i + 1)));
        });
      }),
    );
  });

  it('has no verdict below the minimum of calls', () => {
    const rule = countWindow({ size: 10, minimumCalls: 4, failureRate: 0.5 });
    expect(verdicts(rule, [FAILED, FAILED, FAILED, FAILED])).toEqual([false, false, false, true]);
  });

  it('trips when the rate is reached exactly', () => {
    const rule = countWindow({ size: 100, minimumCalls: 100, failureRate: 0.07 });
    const calls = [...Array<Call>(93).fill(OK), ...Array<Call>(7).fill(FAILED)];
    expect(verdicts(rule, calls).at(-1)).toBe(true);
  });

  it('trips on slow calls that succeed', () => {
    const rule = countWindow({ size: 10, minimumCalls: 4, slowCallRate: 0.75 });
    expect(verdicts(rule, [OK, SLOW, SLOW, SLOW])).toEqual([false, false, false, true]);
  });

  it('keeps its calls over a pause that is shorter than idleResetMs', () => {
    const { rule, time } = at(countWindow({ idleResetMs: 1_000 }));
    rule.record(true, false);
    time.nowMs = 999;
    expect(rule.counts().calls).toBe(1);
    time.nowMs = 1_000;
    expect(rule.counts().calls).toBe(0);
  });
});

describe('timeWindow', () => {
  it('counts at least the last (buckets - 1) / buckets of the window, and nothing older than all of it', () => {
    const windowMs = 1_000;
    const shape = fc.record({
      calls: fc.array(call, { maxLength: 60 }),
      buckets: fc.integer({ min: 1, max: 12 }),
    });
    fc.assert(
      fc.property(shape, ({ calls, buckets }) => {
        const { rule, time } = at(timeWindow({ windowMs, buckets }));
        const seen: (Call & { atMs: number })[] = [];
        for (const each of calls) {
          time.nowMs += each.afterMs;
          seen.push({ ...each, atMs: time.nowMs });
          rule.record(each.failed, each.slow);
          const surelyInMs = (windowMs * (buckets - 1)) / buckets;
          const least = countsOf(seen.filter(({ atMs }) => time.nowMs - atMs <= surelyInMs - 1e-6));
          const most = countsOf(seen.filter(({ atMs }) => time.nowMs - atMs < windowMs + 1e-6));
          const counts = rule.counts();
          for (const key of ['calls', 'failed', 'slow'] as const) {
            expect(counts[key]).toBeGreaterThanOrEqual(least[key]);
            expect(counts[key]).toBeLessThanOrEqual(most[key]);
          }
        }
      }),
    );
  });

  it('is empty after a window without calls, wherever in the ring the pause began', () => {
    fc.assert(
      fc.property(fc.nat(5_000), fc.integer({ min: 1_000, max: 1e9 }), (startMs, pauseMs) => {
        const { rule, time } = at(timeWindow({ windowMs: 1_000, buckets: 7 }));
        time.nowMs = startMs;
        rule.record(true, true);
        time.nowMs += pauseMs;
        expect(rule.counts()).toEqual({ calls: 0, failed: 0, slow: 0 });
      }),
    );
  });
});

describe('anyRule', () => {
  it('trips where one of its rules does', () => {
    const rule = anyRule(
      consecutiveFailures(3),
      countWindow({ size: 10, minimumCalls: 5, failureRate: 0.6 }),
    );
    expect(verdicts(rule, [FAILED, FAILED, FAILED]).at(-1)).toBe(true);
    expect(verdicts(rule, [FAILED, FAILED, OK, OK, FAILED]).at(-1)).toBe(true);
    expect(verdicts(rule, [FAILED, OK, OK, OK, FAILED]).at(-1)).toBe(false);
  });

  it('forgets in all of them', () => {
    const { rule } = at(anyRule(countWindow(), consecutiveFailures(2)));
    rule.record(true, false);
    rule.reset();
    expect(rule.record(true, false)).toBe(false);
    expect(rule.counts()).toEqual({ calls: 1, failed: 1, slow: 0 });
  });
});

describe('options of rules', () => {
  it.each([
    ['threshold', () => consecutiveFailures(0)],
    ['size', () => countWindow({ size: 0 })],
    ['minimumCalls', () => countWindow({ size: 5, minimumCalls: 6 })],
    ['failureRate', () => timeWindow({ failureRate: 0 })],
    ['slowCallRate', () => timeWindow({ slowCallRate: 1.1 })],
    ['windowMs', () => timeWindow({ windowMs: Infinity })],
    ['buckets', () => timeWindow({ buckets: 2.5 })],
    ['idleResetMs', () => countWindow({ idleResetMs: 0 })],
  ])('refuses a %s out of range, by name', (name, make) => {
    expect(make).toThrow(RangeError);
    expect(make).toThrow(name);
  });
});
