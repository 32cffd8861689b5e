import { createOccasionalNotice } from './occasional-notice.ts';

describe('createOccasionalNotice', () => {
  it('speaks at once, then in intervals, and at the end of what is left', () => {
    let now = 0;
    const said: number[] = [];
    const notice = createOccasionalNotice({
      intervalMs: 10,
      clock: () => now,
      say: (times) => said.push(times),
    });
    notice.count();
    expect(said).toEqual([1]);
    for (now = 1; now <= 12; now++) notice.count();
    expect(said).toEqual([1, 10]);
    notice.flush();
    notice.flush();
    expect(said).toEqual([1, 10, 2]);
  });
});
