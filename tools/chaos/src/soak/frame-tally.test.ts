import { capabilitiesOf, frameIdOf } from '../traffic/frames.ts';
import { resultKey } from '../traffic/result-log.ts';
import { createFrameTally } from './frame-tally.ts';

const finish = (tally: ReturnType<typeof createFrameTally>, number: number): void => {
  for (const capability of capabilitiesOf(number)) tally.result(resultKey(frameIdOf(number), capability));
};

describe('a frame tally', () => {
  it('counts a frame as completed when each capability has its result', () => {
    const tally = createFrameTally();
    for (const number of [10, 11]) tally.published(number);
    tally.result(resultKey(frameIdOf(10), 'look'));
    tally.result(resultKey(frameIdOf(11), 'look'));
    expect(tally.figures).toEqual({ published: 2, completed: 1, duplicates: 0, unknown: 0 });
    expect(tally.missing(5)).toEqual([10]);
    tally.result(resultKey(frameIdOf(10), 'look_twice'));
    expect([tally.figures.completed, tally.missing(5)]).toEqual([2, []]);
  });

  it('takes a result that is seen before the acknowledgement', () => {
    const tally = createFrameTally();
    finish(tally, 10);
    expect(tally.figures.completed).toBe(0);
    tally.published(10);
    expect(tally.figures).toEqual({ published: 1, completed: 1, duplicates: 0, unknown: 0 });
  });

  it('counts second results, and those that nobody asked for', () => {
    const tally = createFrameTally();
    tally.published(1);
    finish(tally, 1);
    finish(tally, 1);
    tally.result(resultKey(frameIdOf(1), 'look_twice'));
    tally.result(resultKey('?', 'look'));
    tally.result(resultKey(frameIdOf(1), 'dance'));
    expect(tally.figures).toEqual({ published: 1, completed: 1, duplicates: 1, unknown: 3 });
  });

  it('grows with the frames', () => {
    const tally = createFrameTally();
    tally.published(5_000_001);
    finish(tally, 5_000_001);
    expect(tally.figures.completed).toBe(1);
  });
});
