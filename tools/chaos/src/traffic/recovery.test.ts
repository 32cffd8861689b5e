import { rateBetween, recoveryMs } from './recovery.ts';

/** Completions at a steady rate. */
const steady = (fromMs: number, toMs: number, perSecond: number): number[] =>
  Array.from({ length: ((toMs - fromMs) / 1000) * perSecond }, (_none, i) => fromMs + (i * 1000) / perSecond);

describe('rateBetween', () => {
  it('counts per second', () => {
    expect(rateBetween(steady(0, 4_000, 100), 1_000, 3_000)).toBe(100);
  });
});

describe('recoveryMs', () => {
  it('is next to nothing where completions never stopped', () => {
    const completions = steady(0, 10_000, 100);
    expect(recoveryMs(completions, { rateBefore: 100, faultEndMs: 5_005 })).toBe(5);
  });

  it('is the time until completions flow at half of the rate before', () => {
    const completions = [...steady(0, 5_000, 100), ...steady(8_000, 10_000, 100)];
    // 25 completions within half a second.
    expect(recoveryMs(completions, { rateBefore: 100, faultEndMs: 7_000 })).toBe(1_240);
  });

  it('is not fooled by a trickle', () => {
    const completions = [...steady(0, 5_000, 100), ...steady(5_000, 10_000, 20)];
    expect(recoveryMs(completions, { rateBefore: 100, faultEndMs: 6_000 })).toBeUndefined();
  });
});
