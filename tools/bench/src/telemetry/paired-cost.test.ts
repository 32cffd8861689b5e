import { firstOf, pairedCost } from './paired-cost.ts';

it('is the share that it takes of the time with it', () => {
  expect(pairedCost([110, 110, 110], [99, 99, 99]).costRatio).toBeCloseTo(0.1);
});

it('is the median of the pairs, with the quarters beside it', () => {
  const without = [80, 90, 100, 110, 1_000];
  const { costRatio, lowRatio, highRatio } = pairedCost(Array(5).fill(100), without);
  expect(costRatio).toBeCloseTo(0);
  expect(lowRatio).toBeCloseTo(-0.1);
  expect(highRatio).toBeCloseTo(0.1);
});

it('is not moved by a machine that slows down from pair to pair', () => {
  const slower = [1, 2, 4, 8].map((factor) => factor * 100);
  expect(
    pairedCost(
      slower,
      slower.map((time) => time * 0.95),
    ).costRatio,
  ).toBeCloseTo(0.05);
});

it('takes turns at being first', () => {
  expect([0, 1, 2, 3].map(firstOf)).toEqual(['with', 'without', 'with', 'without']);
});
