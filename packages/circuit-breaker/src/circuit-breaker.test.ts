import type { CircuitBreakerOptions } from './breaker-options.ts';
import { createCircuitBreaker } from './circuit-breaker.ts';
import { consecutiveFailures } from './consecutive-rule.ts';
import { REFUSED } from './permit.ts';

/** A breaker that opens after three failures for exactly a second, and the time it lives in. */
function timeline(options: Partial<CircuitBreakerOptions> = {}) {
  const time = { nowMs: 1_000_000 };
  const breaker = createCircuitBreaker({
    trip: consecutiveFailures(3),
    openMs: 1_000,
    openGrowth: 2,
    maxOpenMs: 5_000,
    openJitter: 0,
    probeTimeoutMs: 500,
    clock: () => time.nowMs,
    rng: () => 0,
    ...options,
  });
  const trip = (): void => {
    for (let i = 0; i < 3; i++) breaker.fail(breaker.tryAcquire());
  };
  const pass = (ms: number): void => {
    time.nowMs += ms;
  };
  return { breaker, trip, pass, time };
}

describe('closed', () => {
  it('admits every call', () => {
    const { breaker } = timeline();
    const permits = Array.from({ length: 1_000 }, () => breaker.tryAcquire());
    expect(permits).not.toContain(REFUSED);
  });

  it('shows what its rule remembers', () => {
    const { breaker, pass } = timeline();
    breaker.fail(breaker.tryAcquire());
    pass(40);
    expect(breaker.state()).toEqual({
      name: 'closed',
      forMs: 40,
      counts: { calls: 1, failed: 1, slow: 0 },
    });
  });

  it('opens when its rule says so', () => {
    const { breaker, trip, pass } = timeline();
    trip();
    pass(300);
    expect(breaker.state()).toEqual({
      name: 'open',
      forMs: 300,
      retryAfterMs: 700,
      opens: 1,
      cause: 'tripped',
    });
  });

  it('does not count an ignored result', () => {
    const { breaker } = timeline();
    breaker.fail(breaker.tryAcquire());
    breaker.fail(breaker.tryAcquire());
    expect(breaker.ignore(breaker.tryAcquire())).toBe(true);
    expect(breaker.state()).toMatchObject({ name: 'closed', counts: { failed: 2 } });
  });

  it('counts what was seen beside the calls', () => {
    const { breaker } = timeline();
    for (let i = 0; i < 3; i++) breaker.recordFailure();
    expect(breaker.stateName).toBe('open');
  });
});

describe('open', () => {
  it('refuses until its time is over', () => {
    const { breaker, trip, pass } = timeline();
    trip();
    pass(999);
    expect(breaker.tryAcquire()).toBe(REFUSED);
    expect(breaker.canAcquire()).toBe(false);
  });

  it('says when it makes sense to ask again', () => {
    const { breaker, trip, pass } = timeline();
    expect(breaker.retryAfterMs()).toBe(0);
    trip();
    pass(400);
    expect(breaker.retryAfterMs()).toBe(600);
    pass(5_000);
    expect(breaker.retryAfterMs()).toBe(0);
  });

  it('lets a probe through when its time is over', () => {
    const { breaker, trip, pass } = timeline();
    trip();
    pass(1_000);
    expect(breaker.canAcquire()).toBe(true);
    expect(breaker.stateName).toBe('open');
    expect(breaker.tryAcquire()).not.toBe(REFUSED);
    expect(breaker.stateName).toBe('half_open');
  });

  it('stays open longer each time, up to the cap', () => {
    const { breaker, trip, pass } = timeline();
    trip();
    const times = [];
    for (let i = 0; i < 5; i++) {
      times.push(breaker.retryAfterMs());
      pass(breaker.retryAfterMs());
      breaker.fail(breaker.tryAcquire());
    }
    expect(times).toEqual([1_000, 2_000, 4_000, 5_000, 5_000]);
  });

  it('goes on growing when it trips again soon after one good probe', () => {
    const { breaker, trip, pass } = timeline();
    trip();
    pass(1_000);
    breaker.succeed(breaker.tryAcquire());
    pass(999);
    trip();
    expect(breaker.retryAfterMs()).toBe(2_000);
  });

  it('starts anew after it stayed closed as long as it was open', () => {
    const { breaker, trip, pass } = timeline();
    trip();
    pass(1_000);
    breaker.succeed(breaker.tryAcquire());
    pass(1_000);
    trip();
    expect(breaker.retryAfterMs()).toBe(1_000);
  });

  it('does not look at what is seen beside the calls', () => {
    const { breaker, trip, pass } = timeline();
    trip();
    pass(600);
    breaker.recordFailure();
    breaker.recordSuccess();
    expect(breaker.state()).toMatchObject({ name: 'open', retryAfterMs: 400 });
  });
});

describe('half-open', () => {
  function halfOpen(options: Partial<CircuitBreakerOptions> = {}) {
    const it = timeline(options);
    it.trip();
    it.pass(1_000);
    return { ...it, probe: it.breaker.tryAcquire() };
  }

  it('closes after the successes asked for', () => {
    const { breaker, probe } = halfOpen({ successesToClose: 2 });
    breaker.succeed(probe);
    expect(breaker.state()).toMatchObject({ name: 'half_open', successes: 1, successesToClose: 2 });
    breaker.succeed(breaker.tryAcquire());
    expect(breaker.stateName).toBe('closed');
  });

  it('forgets the failures of before when it closes', () => {
    const { breaker, probe } = halfOpen();
    breaker.succeed(probe);
    expect(breaker.state()).toMatchObject({ counts: { calls: 0, failed: 0, slow: 0 } });
  });

  it('opens when a probe fails', () => {
    const { breaker, probe } = halfOpen();
    breaker.fail(probe);
    expect(breaker.state()).toMatchObject({ name: 'open', cause: 'probe_failed', opens: 2 });
  });

  it('opens when a probe is slow', () => {
    const { breaker, probe } = halfOpen({ slowCallMs: 100 });
    breaker.succeed(probe, 101);
    expect(breaker.state()).toMatchObject({ name: 'open', cause: 'probe_failed' });
  });

  it('takes an ignored permit back and gives it to the next', () => {
    const { breaker, probe } = halfOpen();
    expect(breaker.tryAcquire()).toBe(REFUSED);
    expect(breaker.ignore(probe)).toBe(true);
    expect(breaker.tryAcquire()).not.toBe(REFUSED);
  });

  it('says that a refused probe may ask again when the present one expires at the latest', () => {
    const { breaker, pass } = halfOpen();
    pass(200);
    expect(breaker.retryAfterMs()).toBe(300);
  });

  it('counts a probe once, however often it is settled', () => {
    const { breaker, probe } = halfOpen({ successesToClose: 3, halfOpenPermits: 2 });
    expect(breaker.succeed(probe)).toBe(true);
    expect(breaker.succeed(probe)).toBe(false);
    expect(breaker.state()).toMatchObject({ successes: 1, probesInFlight: 0 });
    expect(breaker.counters().late).toBe(1);
  });

  it('counts a failure seen beside the calls', () => {
    const { breaker } = halfOpen();
    breaker.recordFailure();
    expect(breaker.stateName).toBe('open');
  });

  it('counts a success seen beside the calls', () => {
    const { breaker } = halfOpen();
    breaker.recordSuccess();
    expect(breaker.stateName).toBe('closed');
  });
});

describe('by hand', () => {
  it('refuses everything while isolated, however long', () => {
    const { breaker, pass } = timeline();
    breaker.isolate('lens cover');
    pass(1e9);
    expect(breaker.tryAcquire()).toBe(REFUSED);
    expect(breaker.canAcquire()).toBe(false);
    expect(breaker.retryAfterMs()).toBe(Infinity);
    expect(breaker.state()).toEqual({ name: 'isolated', forMs: 1e9, reason: 'lens cover' });
  });

  it('lets a probe decide after it was restored', () => {
    const { breaker } = timeline();
    breaker.isolate();
    breaker.restore();
    const probe = breaker.tryAcquire();
    expect(breaker.tryAcquire()).toBe(REFUSED);
    breaker.succeed(probe);
    expect(breaker.stateName).toBe('closed');
  });

  it('restores nothing that was not isolated', () => {
    const { breaker, trip } = timeline();
    trip();
    breaker.restore();
    expect(breaker.stateName).toBe('open');
  });

  it('is as new after a reset, from any state', () => {
    const { breaker, trip, pass } = timeline();
    trip();
    pass(1_000);
    breaker.fail(breaker.tryAcquire());
    breaker.reset();
    expect(breaker.state()).toMatchObject({ name: 'closed', counts: { calls: 0 } });
    trip();
    expect(breaker.retryAfterMs()).toBe(1_000);
  });

  it('ends an isolation by a reset', () => {
    const { breaker } = timeline();
    breaker.isolate();
    breaker.reset();
    expect(breaker.stateName).toBe('closed');
  });
});
