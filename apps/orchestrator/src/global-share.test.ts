import { createGlobalShare } from './global-share.ts';

describe('the share of all', () => {
  it('is 1 while nothing is known, and for one that does it all', () => {
    const share = createGlobalShare();
    expect(share.times()).toBe(1);
    share.add(1_000, 0);
    share.add(1_010, 5);
    expect(share.times()).toBe(1);
    share.add(1_100, 100);
    expect(share.times()).toBe(1);
  });

  it('is that of the last readings', () => {
    const share = createGlobalShare();
    for (let i = 0; i < 20; i++) share.add(i * 50, i * 50);
    for (let i = 0; i < 20; i++) share.add(1_000 + i * 150, 1_000 + i * 50);
    expect(share.times()).toBeCloseTo(3);
  });

  it('begins anew with the books', () => {
    const share = createGlobalShare();
    share.add(0, 0);
    share.add(400, 100);
    expect(share.times()).toBe(4);
    share.add(10, 100);
    expect(share.times()).toBe(1);
  });
});
