/* Defects that breakers in the field had, each as a small story. */
import type { CircuitBreakerOptions } from './breaker-options.ts';
import { createCircuitBreaker } from './circuit-breaker.ts';
import { consecutiveFailures } from './consecutive-rule.ts';
import { countWindow } from './count-window.ts';
import { REFUSED } from './permit.ts';
import { timeWindow } from './time-window.ts';

const HOUR_MS = 3_600_000;

function timeline(options: Partial<CircuitBreakerOptions> = {}) {
  const time = { nowMs: 0 };
  const breaker = createCircuitBreaker({
    trip: consecutiveFailures(2),
    openMs: 1_000,
    openJitter: 0,
    probeTimeoutMs: 500,
    clock: () => time.nowMs,
    ...options,
  });
  const trip = (): void => {
    for (let i = 0; i < 2; i++) breaker.fail(breaker.tryAcquire());
  };
  return { breaker, time, trip };
}

describe('a hung probe', () => {
  it('is a failure at its deadline, not a standstill', () => {
    const { breaker, time, trip } = timeline();
    trip();
    time.nowMs = 1_000;
    breaker.tryAcquire(); // and never settled
    time.nowMs = 1_500;
    expect(breaker.state()).toMatchObject({ name: 'open', cause: 'probe_expired', forMs: 0 });
    expect(breaker.counters().probesExpired).toBe(1);
  });

  it('failed when it expired, so that nobody waits for the time in which nobody looked', () => {
    const { breaker, time, trip } = timeline();
    trip();
    time.nowMs = 1_000;
    breaker.tryAcquire();
    time.nowMs = 1_500 + 2_000; // its deadline, and the second open time
    expect(breaker.tryAcquire()).not.toBe(REFUSED);
  });

  it('ends the half-open state though other permits are free', () => {
    const { breaker, time, trip } = timeline({ halfOpenPermits: 3 });
    trip();
    time.nowMs = 1_000;
    breaker.tryAcquire();
    time.nowMs = 1_501;
    expect(breaker.tryAcquire()).toBe(REFUSED);
    expect(breaker.stateName).toBe('open');
  });

  it('changes nothing when it comes back after its deadline', () => {
    const { breaker, time, trip } = timeline();
    trip();
    time.nowMs = 1_000;
    const hung = breaker.tryAcquire();
    time.nowMs = 1_600;
    expect(breaker.succeed(hung)).toBe(false);
    expect(breaker.stateName).toBe('open');
  });
});

describe('a late result from an earlier era', () => {
  it('of the closed era does not close a half-open breaker', () => {
    const { breaker, time, trip } = timeline();
    const slow = breaker.tryAcquire();
    trip();
    time.nowMs = 1_000;
    breaker.tryAcquire();
    expect(breaker.succeed(slow)).toBe(false);
    expect(breaker.stateName).toBe('half_open');
    expect(breaker.counters().late).toBe(1);
  });

  it('of the closed era does not open a breaker that has recovered', () => {
    const { breaker, time, trip } = timeline();
    const slow = [breaker.tryAcquire(), breaker.tryAcquire()];
    trip();
    time.nowMs = 1_000;
    breaker.succeed(breaker.tryAcquire());
    for (const permit of slow) breaker.fail(permit);
    expect(breaker.state()).toMatchObject({ name: 'closed', counts: { failed: 0 } });
    expect(breaker.counters().late).toBe(2);
  });

  it('of a probe does not settle a probe of a later half-open state', () => {
    const { breaker, time, trip } = timeline();
    trip();
    time.nowMs = 1_000;
    const first = breaker.tryAcquire();
    time.nowMs = 4_000;
    breaker.tryAcquire();
    expect(breaker.succeed(first)).toBe(false);
    expect(breaker.state()).toMatchObject({ name: 'half_open', probesInFlight: 1 });
  });

  it('from before an isolation is ignored after it', () => {
    const { breaker } = timeline();
    const permit = breaker.tryAcquire();
    breaker.isolate();
    breaker.reset();
    expect(breaker.fail(permit)).toBe(false);
  });
});

describe('a stampede into half-open', () => {
  it.each([1, 3])('of a thousand callers gets %i permits', (halfOpenPermits) => {
    const { breaker, time, trip } = timeline({ halfOpenPermits });
    trip();
    time.nowMs = 1_000;
    const admitted = Array.from({ length: 1_000 }, () => breaker.tryAcquire()).filter((p) => p !== REFUSED);
    expect(admitted).toHaveLength(halfOpenPermits);
  });

  it('gets no more by coming back at once with nothing done', () => {
    const { breaker, time, trip } = timeline({ halfOpenPermits: 2 });
    trip();
    time.nowMs = 1_000;
    let most = 0;
    const held: number[] = [];
    for (let i = 0; i < 5_000; i++) {
      const permit = breaker.tryAcquire();
      if (permit !== REFUSED) held.push(permit);
      most = Math.max(most, held.length);
      if (i % 3 === 0 && held.length > 0) breaker.ignore(held.shift() as number);
    }
    expect(most).toBe(2);
  });

  it('is spread over time by jitter', () => {
    let seed = 0;
    const rng = (): number => (seed = (seed + 0.37) % 1);
    const waits = new Set<number>();
    for (let i = 0; i < 20; i++) {
      const { breaker, trip } = timeline({ openJitter: 0.5, rng });
      trip();
      waits.add(breaker.retryAfterMs());
    }
    expect(waits.size).toBeGreaterThan(15);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(500);
    expect(Math.max(...waits)).toBeLessThanOrEqual(1_000);
  });
});

describe('an idle hour', () => {
  it.each([
    ['time', timeWindow({ windowMs: 10_000, minimumCalls: 10, failureRate: 0.5 })],
    ['count', countWindow({ size: 20, minimumCalls: 10, failureRate: 0.5 })],
  ])('leaves no stale failures in a %s window', (_name, trip) => {
    const { breaker, time } = timeline({ trip });
    for (let i = 0; i < 9; i++) breaker.fail(breaker.tryAcquire());
    time.nowMs += HOUR_MS;
    breaker.fail(breaker.tryAcquire());
    expect(breaker.state()).toMatchObject({ name: 'closed', counts: { calls: 1, failed: 1 } });
  });

  it.each([
    ['time', timeWindow({ windowMs: 10_000, minimumCalls: 10, failureRate: 0.5 })],
    ['count', countWindow({ size: 100, minimumCalls: 10, failureRate: 0.5 })],
  ])('leaves no stale successes in a %s window to hide failures behind', (_name, trip) => {
    const { breaker, time } = timeline({ trip });
    for (let i = 0; i < 90; i++) breaker.succeed(breaker.tryAcquire());
    time.nowMs += HOUR_MS;
    for (let i = 0; i < 10; i++) breaker.fail(breaker.tryAcquire());
    expect(breaker.stateName).toBe('open');
  });
});

describe('a clock that steps back', () => {
  it('does not keep the breaker open for the length of the step', () => {
    const { breaker, time, trip } = timeline();
    time.nowMs = 5 * HOUR_MS;
    trip();
    time.nowMs -= 2 * HOUR_MS;
    breaker.canAcquire();
    time.nowMs += 1_000;
    expect(breaker.tryAcquire()).not.toBe(REFUSED);
  });

  it('does not let a hung probe hang on', () => {
    const { breaker, time, trip } = timeline();
    time.nowMs = HOUR_MS;
    trip();
    time.nowMs += 1_000;
    breaker.tryAcquire();
    time.nowMs -= HOUR_MS / 2;
    breaker.canAcquire();
    time.nowMs += 500;
    expect(breaker.stateName).toBe('open');
  });

  it('neither empties nor freezes a time window', () => {
    const { breaker, time } = timeline({ trip: timeWindow({ windowMs: 1_000, minimumCalls: 100 }) });
    time.nowMs = HOUR_MS;
    breaker.fail(breaker.tryAcquire());
    time.nowMs -= 1_800_000;
    breaker.fail(breaker.tryAcquire());
    expect(breaker.state()).toMatchObject({ counts: { failed: 2 } });
    time.nowMs += 1_000;
    expect(breaker.state()).toMatchObject({ counts: { failed: 0 } });
  });

  it('shows no negative times', () => {
    const { breaker, time, trip } = timeline();
    time.nowMs = HOUR_MS;
    trip();
    time.nowMs = 0;
    expect(breaker.state()).toMatchObject({ forMs: 0, retryAfterMs: 1_000 });
  });

  it('stands still where it gives no number, and goes on', () => {
    const { breaker, time, trip } = timeline();
    trip();
    time.nowMs = Number.NaN;
    expect(breaker.tryAcquire()).toBe(REFUSED);
    time.nowMs = 1_000;
    expect(breaker.tryAcquire()).not.toBe(REFUSED);
  });
});
