import fc from 'fast-check';
import { backoffMs } from './backoff.ts';

describe('backoffMs', () => {
  it('doubles with every attempt', () => {
    expect([1, 2, 3, 4].map((attempt) => backoffMs(attempt, () => 1))).toEqual([500, 1_000, 2_000, 4_000]);
  });

  it('waits between half of the time and all of it', () => {
    expect(backoffMs(3, () => 0)).toBe(1_000);
    expect(backoffMs(3, () => 0.5)).toBe(1_500);
  });

  it('never waits longer than its bound, nor less than half of the first wait', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, chance) => {
          const ms = backoffMs(attempt, () => chance, { baseMs: 100, maxMs: 5_000 });
          expect(ms).toBeGreaterThanOrEqual(50);
          expect(ms).toBeLessThanOrEqual(5_000);
        },
      ),
      { seed: 20260104 },
    );
  });
});
