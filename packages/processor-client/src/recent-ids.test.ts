import { createRecentIds } from './recent-ids.ts';

describe('recent ids', () => {
  it('are the last ones added, and no more than twice as many', () => {
    const ids = createRecentIds(100);
    for (let i = 0; i < 1_000; i++) ids.add(`${i}-0`);
    const known = Array.from({ length: 1_000 }, (_none, i) => i).filter((i) => ids.has(`${i}-0`));
    expect(known.length).toBeGreaterThanOrEqual(100);
    expect(known.length).toBeLessThanOrEqual(200);
    expect(known).toEqual(Array.from({ length: known.length }, (_none, i) => 1_000 - known.length + i));
  });
});
