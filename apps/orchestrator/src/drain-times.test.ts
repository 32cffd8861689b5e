import { drainTimes } from './drain-times.ts';

const at = (rates: Record<string, number>) => ({ perSecond: (name: string) => rates[name] ?? Number.NaN });

describe('the time to drain', () => {
  it('is what waits over what is taken', () => {
    expect(drainTimes([{ capability: 'detect', frames: 60 }], at({ detect: 20 }))).toEqual([
      { capability: 'detect', takenPerSecond: 20, seconds: 3 },
    ]);
  });

  it('is that of the slowest for frames that need several, which wait in front of others too', () => {
    const waiting = [
      { capability: 'detect', frames: 10 },
      { capability: 'detect+faces', frames: 30 },
    ];
    expect(drainTimes(waiting, at({ detect: 20, faces: 5 }))).toEqual([
      { capability: 'detect', takenPerSecond: 20, seconds: 2 },
      { capability: 'detect+faces', takenPerSecond: 5, seconds: 6 },
    ]);
  });

  it('is unknown where the rate is, or nothing is taken', () => {
    const waiting = [
      { capability: 'stuck', frames: 1 },
      { capability: 'new', frames: 1 },
      { capability: 'new+quick', frames: 1 },
    ];
    expect(drainTimes(waiting, at({ stuck: 0, quick: 5 }))).toEqual([
      { capability: 'stuck', takenPerSecond: 0, seconds: null },
      { capability: 'new', takenPerSecond: null, seconds: null },
      { capability: 'new+quick', takenPerSecond: null, seconds: null },
    ]);
  });
});
