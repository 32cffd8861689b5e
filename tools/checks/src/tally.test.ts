import { closingLine, sum } from './tally.ts';

describe('sum', () => {
  it('adds up', () => {
    expect(
      sum([
        { passed: 3, failed: 0 },
        { passed: 1, failed: 2 },
      ]),
    ).toEqual({ passed: 4, failed: 2 });
  });

  it('is nothing for nothing', () => {
    expect(sum([])).toEqual({ passed: 0, failed: 0 });
  });
});

describe('closingLine', () => {
  it('has the one form that others read', () => {
    expect(closingLine({ passed: 412, failed: 0 })).toBe('412 passed, 0 failed');
  });
});
