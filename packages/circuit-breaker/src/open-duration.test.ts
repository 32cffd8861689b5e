import fc from 'fast-check';
import { OpenDurations } from './open-duration.ts';

/** The same cases in every run; a failure is found again. */
fc.configureGlobal({ seed: 1957 });

const options = fc.record({
  openMs: fc.integer({ min: 1, max: 10_000 }),
  openGrowth: fc.double({ min: 1, max: 100, noNaN: true }),
  maxOpenMs: fc.integer({ min: 10_000, max: 1_000_000 }),
  openJitter: fc.double({ min: 0, max: 1, noNaN: true }),
});

describe('open durations', () => {
  it('grow up to the cap and are shortened by no more than the jitter, however often it opened', () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(options, random, fc.integer({ min: 1, max: 400 }), (some, value, times) => {
        const durations = new OpenDurations(some, () => value);
        for (let i = 0; i < times; i++) {
          const plainMs = Math.min(some.maxOpenMs, some.openMs * some.openGrowth ** i);
          const ms = durations.next();
          expect(ms).toBeLessThanOrEqual(some.maxOpenMs);
          expect(ms).toBeLessThanOrEqual(plainMs);
          expect(ms).toBeGreaterThanOrEqual(plainMs * (1 - some.openJitter));
        }
      }),
    );
  });

  it.each([Number.NaN, -1, Infinity])('are without jitter where the generator gives %d', (value) => {
    const some = { openMs: 100, openGrowth: 2, maxOpenMs: 1_000, openJitter: 0.5 };
    expect(new OpenDurations(some, () => value).next()).toBe(100);
  });
});
