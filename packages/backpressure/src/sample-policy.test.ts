import fc from 'fast-check';
import { sample } from './sample-policy.ts';
import type { WaitingFrame, WaitingRoomView } from './shedding-policy.ts';

/** The same cases in every run; a failure is found again. */
fc.configureGlobal({ seed: 1957 });

const frame = (priority = 0): WaitingFrame => ({ cameraId: 'a', priority, arrivedAtMs: 0 });

function room(fill: number, victim?: WaitingFrame): WaitingRoomView<WaitingFrame> {
  return {
    fill,
    nextToDrop: () => victim,
    waitingOf: () => undefined,
    expectedWaitMs: () => Number.NaN,
    expectedServiceMs: Number.NaN,
  };
}

const admitted = (fill: number, random: number): boolean =>
  sample({ rng: () => random }).onArrival(frame(), room(fill), 0).action === 'admit';

const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const fill = fc.double({ min: 0, max: 1.5, noNaN: true });

describe('sample', () => {
  it('admits all below half full, and none into a full room', () => {
    fc.assert(
      fc.property(fill, random, (some, value) => {
        if (some < 0.5) expect(admitted(some, value)).toBe(true);
        if (some >= 1) expect(admitted(some, value)).toBe(false);
      }),
    );
  });

  it('keeps a share that falls in a straight line between', () => {
    expect([admitted(0.75, 0.49), admitted(0.75, 0.51)]).toEqual([true, false]);
    expect([admitted(0.9, 0.19), admitted(0.9, 0.21)]).toEqual([true, false]);
  });

  it('admits no less at a lower fill', () => {
    fc.assert(
      fc.property(fill, fill, random, (one, other, value) => {
        const [emptier, fuller] = one < other ? [one, other] : [other, one];
        if (admitted(fuller, value)) expect(admitted(emptier, value)).toBe(true);
      }),
    );
  });

  it('says why it leaves a frame out', () => {
    expect(sample().onArrival(frame(), room(1), 0)).toEqual({ action: 'shed', reason: 'sampled' });
  });

  it('spares frames of a priority that is named', () => {
    const policy = sample({ sparePriority: 8, rng: () => 0.999 });
    expect(policy.onArrival(frame(8), room(0.99), 0)).toEqual({ action: 'admit' });
    expect(policy.onArrival(frame(8), room(1, frame(0)), 0)).toMatchObject({ action: 'replace' });
  });

  it.each([{ fromFill: 1 }, { sparePriority: -1 }])('refuses %j', (options) => {
    expect(() => sample(options)).toThrow(RangeError);
  });
});
