import { estimateDrain } from './drain-estimate.ts';

describe('the drain estimate', () => {
  it('is frames over what goes out more than comes in', () => {
    expect(estimateDrain({ frames: 300, drainPerSecond: 100, arrivalsPerSecond: 40 })).toEqual({
      outcome: 'drains',
      ms: 5_000,
    });
  });

  it('is nothing where nothing waits, whatever the rates', () => {
    expect(estimateDrain({ frames: 0, drainPerSecond: Number.NaN })).toEqual({ outcome: 'empty', ms: 0 });
  });

  it('is never where as much comes in, or more', () => {
    expect(estimateDrain({ frames: 1, drainPerSecond: 100, arrivalsPerSecond: 130 })).toEqual({
      outcome: 'grows',
      ms: Infinity,
      growthPerSecond: 30,
    });
    expect(estimateDrain({ frames: 1, drainPerSecond: 0 })).toEqual({
      outcome: 'grows',
      ms: Infinity,
      growthPerSecond: 0,
    });
  });

  it.each([
    { frames: Number.NaN, drainPerSecond: 10 },
    { frames: 5, drainPerSecond: Number.NaN },
    { frames: 5, drainPerSecond: 10, arrivalsPerSecond: Number.NaN },
  ])('is unknown where a figure is (%j)', (reading) => {
    expect(estimateDrain(reading)).toEqual({ outcome: 'unknown', ms: Number.NaN });
  });
});
