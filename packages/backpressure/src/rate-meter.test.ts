import fc from 'fast-check';
import { createRateMeter } from './rate-meter.ts';

/** The same cases in every run; a failure is found again. */
fc.configureGlobal({ seed: 1957 });

function timeline(windowMs = 1_000, buckets = 10) {
  const time = { nowMs: 0 };
  return { time, meter: createRateMeter({ windowMs, buckets, clock: () => time.nowMs }) };
}

describe('a rate meter', () => {
  it('knows nothing before its first bucket is over', () => {
    const { meter, time } = timeline();
    meter.add(5);
    time.nowMs = 99;
    expect(meter.perSecond()).toBeNaN();
    time.nowMs = 100;
    expect(meter.perSecond()).toBe(50);
  });

  it('gives the rate of a steady flow', () => {
    const { meter, time } = timeline();
    for (; time.nowMs < 5_000; time.nowMs += 10) meter.add();
    expect(meter.perSecond()).toBeCloseTo(100, 5);
  });

  it('is 0 after an idle hour', () => {
    const { meter, time } = timeline();
    meter.add(1_000);
    time.nowMs = 3_600_000;
    expect(meter.perSecond()).toBe(0);
  });

  it('goes on through a clock that steps back', () => {
    const { meter, time } = timeline();
    time.nowMs = 500;
    meter.add(10);
    time.nowMs = -1e6;
    meter.add(10);
    expect(meter.perSecond()).toBe(40);
  });

  it('counts what fell into its window, whatever the gaps', () => {
    const flow = fc.array(fc.record({ afterMs: fc.nat(700), events: fc.nat(9) }), {
      minLength: 1,
      maxLength: 60,
    });
    fc.assert(
      fc.property(flow, fc.integer({ min: 2, max: 12 }), (steps, buckets) => {
        const { meter, time } = timeline(1_200, buckets);
        const bucketMs = 1_200 / buckets;
        time.nowMs = bucketMs;
        const seen: { atMs: number; events: number }[] = [];
        for (const { afterMs, events } of steps) {
          time.nowMs += afterMs;
          meter.add(events);
          seen.push({ atMs: time.nowMs, events });
        }
        const fromMs = Math.max(0, Math.floor(time.nowMs / bucketMs) - buckets + 1) * bucketMs;
        const inWindow = seen.filter(({ atMs }) => Math.floor(atMs / bucketMs) * bucketMs >= fromMs - 1e-9);
        const events = inWindow.reduce((sum, each) => sum + each.events, 0);
        expect(meter.perSecond()).toBeCloseTo((events * 1_000) / (time.nowMs - fromMs), 6);
      }),
    );
  });

  it.each(['windowMs', 'buckets'])('refuses a %s out of range, by name', (name) => {
    expect(() => createRateMeter({ [name]: 0 })).toThrow(RangeError);
    expect(() => createRateMeter({ [name]: 0 })).toThrow(name);
  });
});
