import { deadline } from './deadline-policy.ts';
import type { WaitingFrame, WaitingRoomView } from './shedding-policy.ts';

const policy = deadline({ maxAgeMs: 100 });
const frame = (arrivedAtMs: number, deadlineAtMs?: number): WaitingFrame => ({
  cameraId: 'a',
  priority: 0,
  arrivedAtMs,
  deadlineAtMs,
});

function room(waitMs: number, serviceMs: number, victim?: WaitingFrame): WaitingRoomView<WaitingFrame> {
  return {
    fill: victim ? 1 : 0,
    nextToDrop: () => victim,
    waitingOf: () => undefined,
    expectedWaitMs: () => waitMs,
    expectedServiceMs: serviceMs,
  };
}

describe('on arrival', () => {
  it('sheds a frame that can’t be done in time', () => {
    expect(policy.onArrival(frame(1_000), room(80, 30), 1_000)).toEqual({
      action: 'shed',
      reason: 'deadline',
    });
  });

  it('admits one that just can', () => {
    expect(policy.onArrival(frame(1_000), room(70, 30), 1_000)).toEqual({ action: 'admit' });
  });

  it('sheds nothing on a guess', () => {
    expect(policy.onArrival(frame(1_000), room(Number.NaN, Number.NaN), 1_100)).toEqual({ action: 'admit' });
  });

  it('sheds the oldest of a full room for one that can be done', () => {
    const oldest = frame(900);
    expect(policy.onArrival(frame(1_000), room(0, 30, oldest), 1_000)).toEqual({
      action: 'replace',
      victim: oldest,
      reason: 'room_full',
      place: 'end',
    });
  });
});

describe('at dispatch', () => {
  it('sheds a frame whose time went by while it waited', () => {
    expect(policy.onDispatch(frame(1_000), room(0, 30), 1_070)).toEqual({ action: 'dispatch' });
    expect(policy.onDispatch(frame(1_000), room(0, 30), 1_071)).toEqual({
      action: 'shed',
      reason: 'deadline',
    });
  });

  it('does not count a wait that is over', () => {
    expect(policy.onDispatch(frame(1_000), room(5_000, 30), 1_000)).toEqual({ action: 'dispatch' });
  });

  it('goes by the frame’s own deadline where it has one', () => {
    expect(policy.onDispatch(frame(1_000, 9_000), room(0, 0), 8_999)).toEqual({ action: 'dispatch' });
    expect(policy.onDispatch(frame(1_000, 1_010), room(0, 0), 1_011)).toMatchObject({ action: 'shed' });
  });
});

describe('options', () => {
  it('refuses a maxAgeMs out of range', () => {
    expect(() => deadline({ maxAgeMs: 0 })).toThrow(RangeError);
  });
});
