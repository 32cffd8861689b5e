import { median, medianRatio, quantile } from './median.ts';

describe('median', () => {
  it.each([
    [[3], 3],
    [[9, 1, 5], 5],
    [[4, 1, 3, 2], 2.5],
    [[10, 9], 9.5],
    [[], NaN],
  ])('of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it('leaves the values in their order', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });
});

describe('medianRatio', () => {
  it('compares within each round, so that a round in which the machine was slow changes nothing', () => {
    expect(medianRatio([80, 8, 80], [100, 10, 100])).toBeCloseTo(0.8);
    expect(medianRatio([80, 80, 8], [100, 10, 100])).toBeCloseTo(0.8);
  });

  it('is NaN where a round is missing', () => {
    expect(medianRatio([1], [])).toBeNaN();
  });
});

describe('quantile', () => {
  it.each([
    [[5], 0.25, 5],
    [[4, 1, 3, 2], 0, 1],
    [[4, 1, 3, 2], 0.25, 1.75],
    [[4, 1, 3, 2], 1, 4],
    [[], 0.5, NaN],
  ])('of %j at %d is %d', (values, share, expected) => {
    expect(quantile(values, share)).toBe(expected);
  });
});
