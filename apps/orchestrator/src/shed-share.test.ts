import { createShedShare } from './shed-share.ts';

const counts = (arrived: number, shed: number) => new Map([['faces', { arrived, shed }]]);
const shareOf = (share: ReturnType<typeof createShedShare>): number =>
  new Map(share.shares()).get('faces') ?? 0;

describe('the share that is shed', () => {
  it('is that of the last intervals', () => {
    const share = createShedShare(2);
    share.add(counts(1_000, 1_000));
    share.add(counts(1_000, 500));
    share.add(counts(1_000, 500));
    expect(shareOf(share)).toBeCloseTo(0.5, 2);
  });

  it('is over soon after the last frame came', () => {
    const share = createShedShare(2);
    share.add(counts(1_000, 500));
    share.add(new Map());
    expect(shareOf(share)).toBeCloseTo(0.5, 2);
    share.add(new Map());
    expect([...share.shares()]).toEqual([]);
  });

  it('is small as long as few frames tell of it, and never above 1', () => {
    const share = createShedShare(2);
    share.add(counts(1, 1));
    expect(shareOf(share)).toBeLessThan(0.2);
    share.add(counts(0, 100));
    expect(shareOf(share)).toBe(1);
  });
});
