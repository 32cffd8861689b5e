import { cutBySize } from './cut-by-size.ts';

const frame = (chars: number) => ({
  entry: { source: 'input' as const, id: '1-1', fields: { a: 'x'.repeat(chars - 1) } },
});
const KB = 1024;
const cut = (...sizes: number[]) =>
  cutBySize(sizes.map(frame)).map((part) => part.map(({ entry }) => entry.fields.a.length + 1));

describe('frames of one call', () => {
  it('are all where there are few, and there is no call without any', () => {
    expect(cut(1, 2, 3)).toEqual([[1, 2, 3]]);
    expect(cut()).toEqual([]);
  });

  it('are as many as have room, in their order', () => {
    expect(cut(300 * KB, 212 * KB, 1, 400 * KB, 200 * KB)).toEqual([
      [300 * KB, 212 * KB],
      [1, 400 * KB],
      [200 * KB],
    ]);
  });

  it('are one where it is longer than a call may be', () => {
    expect(cut(10, 900 * KB, 10)).toEqual([[10], [900 * KB], [10]]);
  });
});
