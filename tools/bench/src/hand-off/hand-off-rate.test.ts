import { handOffRate } from './hand-off-rate.ts';

/** `size` frames every `everyMs`, as batches bear it. */
const batches = (count: number, size: number, everyMs: number, fromMs = 0): number[] =>
  Array.from({ length: count * size }, (_none, i) => fromMs + Math.floor(i / size) * everyMs);

describe('handOffRate', () => {
  it('is frames by time', () => {
    expect(handOffRate(batches(11, 512, 10), 0)).toBeCloseTo(51_200);
  });

  it('does not count the batch that had only begun at the last moment', () => {
    expect(handOffRate([0, 0, 1000, 1000], 0)).toBe(2);
  });

  it('leaves a slow start out', () => {
    const slow = batches(10, 10, 100);
    const fast = batches(91, 10, 10, 1000);
    expect(handOffRate([...slow, ...fast], 0.1)).toBeCloseTo(1000, -1);
  });

  it('does not depend on the order', () => {
    const moments = batches(20, 7, 3);
    expect(handOffRate([...moments].reverse(), 0.3)).toBe(handOffRate(moments, 0.3));
  });

  it.each([[[]], [[5]], [[5, 5, 5]]])('is unknown for %j', (moments) => {
    expect(handOffRate(moments, 0)).toBeNaN();
  });
});
