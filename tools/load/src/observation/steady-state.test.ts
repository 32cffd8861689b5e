import { latencyHistogram } from './latency-histogram.ts';
import { type SteadyInput, steadyState } from './steady-state.ts';
import type { TimelineRow } from './timeline.ts';

const row = (atSeconds: number, resultsPerSecond: number): TimelineRow => ({
  atSeconds,
  resultsPerSecond,
  publishedPerSecond: 100,
  shedPerSecond: 0,
  waiting: 0,
  outstanding: 0,
  unaccounted: 0,
  level: 'normal',
  memoryMiB: null,
});

function ages(...ms: number[]) {
  const histogram = latencyHistogram();
  for (const one of ms) histogram.record(one);
  return histogram.summary();
}

const stateOf = (changes: Partial<SteadyInput> = {}) =>
  steadyState({
    warmUpSeconds: 2,
    seconds: 5,
    timeline: [row(1, 10), row(2.1, 30), row(3.1, 40), row(4.1, 50), row(5.1, 10), row(6.1, 0)],
    levels: [
      { atSeconds: 0, level: 'normal' },
      { atSeconds: 1.5, level: 'moderate' },
      { atSeconds: 2.5, level: 'critical' },
      { atSeconds: 9, level: 'normal' },
    ],
    ageMs: ages(600, 600, 900),
    serviceMs: 500,
    slots: 25,
    heapMiB: { warm: null, atEnd: null, afterwards: null },
    ...changes,
  });

describe('the steady state', () => {
  it('is what lies between the warm-up and the last frame, of the whole seconds there', () => {
    expect(stateOf()).toMatchObject({ fromSeconds: 2.1, untilSeconds: 4.1, resultsPerSecond: 45 });
  });

  it('compares the results with what the processors can do', () => {
    expect(stateOf()).toMatchObject({
      capacityPerSecond: 50,
      ofCapacity: { mean: 0.9, least: 0.8, most: 1 },
    });
    expect(stateOf({ slots: 0 })).toMatchObject({ capacityPerSecond: null, ofCapacity: null });
  });

  it('gives the p99 age in service times', () => {
    expect(stateOf().ageP99InServiceTimes).toBe(1.8);
    expect(stateOf({ serviceMs: null }).ageP99InServiceTimes).toBeNull();
  });

  it('says when the level rose, and fell once the load was over', () => {
    expect(stateOf()).toMatchObject({ highAfterSeconds: 2.5, normalAfterSeconds: 4 });
    expect(stateOf({ levels: [{ atSeconds: 0, level: 'normal' }] })).toMatchObject({
      highAfterSeconds: null,
      normalAfterSeconds: 0,
    });
    expect(stateOf({ levels: [{ atSeconds: 1, level: 'high' }] }).normalAfterSeconds).toBeNull();
  });

  it('is empty where a run was over before it was warm', () => {
    expect(stateOf({ seconds: 1, ageMs: ages() })).toMatchObject({
      resultsPerSecond: null,
      ofCapacity: null,
      ageP99InServiceTimes: null,
    });
  });
});
