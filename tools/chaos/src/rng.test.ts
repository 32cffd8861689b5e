import { createRng, seedOf } from './rng.ts';

describe('createRng', () => {
  it('gives the same numbers for the same seed', () => {
    const [one, other] = [createRng(7), createRng(7)];
    expect(Array.from({ length: 20 }, one.next)).toEqual(Array.from({ length: 20 }, other.next));
  });

  it('gives other numbers for another seed', () => {
    expect(createRng(7).next()).not.toBe(createRng(8).next());
  });

  it('stays within the bounds, and reaches both', () => {
    const rng = createRng(1);
    expect(new Set(Array.from({ length: 200 }, () => rng.between(3, 5)))).toEqual(new Set([3, 4, 5]));
  });

  it('refuses to pick from nothing', () => {
    expect(() => createRng(1).pick([])).toThrow(RangeError);
  });
});

describe('seedOf', () => {
  it('gives each scenario a seed of its own, whichever others run', () => {
    expect(seedOf(1, 'random-1')).toBe(seedOf(1, 'random-1'));
    expect(new Set([seedOf(1, 'random-1'), seedOf(1, 'random-2'), seedOf(2, 'random-1')]).size).toBe(3);
  });
});
