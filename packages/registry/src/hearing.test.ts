import fc from 'fast-check';
import { createHearing } from './hearing.ts';

/** Looks at these times, in ms from the start. */
function hearing(...looks: number[]) {
  const created = createHearing(0);
  for (const look of looks) created.look(look);
  return created;
}
const everyHalfSecond = (untilMs: number) =>
  Array.from({ length: untilMs / 500 }, (_none, i) => (i + 1) * 500);

describe('createHearing', () => {
  it('could hear a lease only when it has listened for as long', () => {
    const listening = hearing(...everyHalfSecond(2_000));
    expect([listening.couldHear(2_001, 2_000), listening.couldHear(2_000, 2_000)]).toEqual([false, true]);
  });

  it('takes looks twice a second for no gap', () => {
    expect(hearing(...everyHalfSecond(10_000)).couldHear(500, 10_000)).toBe(true);
  });

  it('could not hear a lease that a gap took a third of, until a lease later', () => {
    const listening = hearing(...everyHalfSecond(10_000), 13_100);
    expect(listening.couldHear(9_000, 22_099)).toBe(false);
    expect(listening.couldHear(9_000, 22_100)).toBe(true);
  });

  it('could hear a lease that is long against the gap', () => {
    expect(hearing(...everyHalfSecond(10_000), 13_000).couldHear(9_000, 13_000)).toBe(true);
  });

  it('never could hear a lease that a gap covers', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_001, max: 100_000 }),
        fc.double({ min: 0.01, max: 1, noNaN: true }),
        (gapMs, share) => {
          const startMs = 4_000_000;
          const listening = hearing(startMs, startMs + gapMs);
          expect(listening.couldHear(gapMs * share, startMs + gapMs)).toBe(false);
        },
      ),
      { seed: 1 },
    );
  });
});
