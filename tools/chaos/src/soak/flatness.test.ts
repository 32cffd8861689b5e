import { flatnessOf, type MemorySample } from './flatness.ts';

const life = (seconds: number, megabytesAt: (second: number) => number): MemorySample[] =>
  Array.from({ length: seconds + 1 }, (_none, at) => ({ atSeconds: at, megabytes: megabytesAt(at) }));

describe('flatnessOf', () => {
  it('is flat where memory only warms up in the first half', () => {
    const warm = flatnessOf(life(600, (at) => 60 + Math.min(at, 200) / 4));
    expect(warm).toMatchObject({ seconds: 600, firstMb: 60, lastMb: 110, maxMb: 110, isFlat: true });
    expect(warm.growthMb).toBeCloseTo(0);
  });

  it('is flat where it goes up and down', () => {
    expect(flatnessOf(life(600, (at) => 100 + (at % 20))).isFlat).toBe(true);
  });

  it('is not flat where it leaks', () => {
    const leaking = flatnessOf(life(600, (at) => 100 + at / 10));
    expect(leaking.growthMb).toBeCloseTo(30);
    expect(leaking.isFlat).toBe(false);
  });

  it('can not tell of a short life', () => {
    expect(flatnessOf(life(60, (at) => 100 + at))).toMatchObject({ growthMb: undefined, isFlat: undefined });
    expect(flatnessOf([]).isFlat).toBeUndefined();
  });
});
