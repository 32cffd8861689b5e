import { fixedRate } from './schedule.ts';

describe('a fixed rate', () => {
  const schedule = fixedRate(1000, 500);

  it('sends the first frame at once and then one every interval', () => {
    expect([0, 1, 2].map(schedule.intendedMs)).toEqual([0, 1, 2]);
    expect(fixedRate(40, 10).intendedMs(3)).toBe(75);
  });

  it('knows how many are due, none before the start and no more than there are', () => {
    expect([-1, 0, 0.9, 1, 10.5, 1e6].map(schedule.dueAt)).toEqual([0, 1, 1, 2, 11, 500]);
  });

  it.each([7, 30, 999, 1000, 2999])('at %d/s every frame is due at its own moment, and not before', (fps) => {
    const { intendedMs, dueAt } = fixedRate(fps, 10_000);
    for (let number = 0; number < 10_000; number += 37) {
      expect(dueAt(intendedMs(number))).toBe(number + 1);
      if (number > 0) expect(dueAt(intendedMs(number) - 0.01)).toBe(number);
    }
  });
});
