import { lineName } from './line-name.ts';
import { createParked } from './parked.ts';

const entry = (id: string, source: 'input' | 'retry' = 'input') => ({ source, id });

describe('parked frames', () => {
  it('leave in the order in which they came, each pool for itself', () => {
    const parked = createParked();
    for (const id of ['1-0', '2-0', '3-0']) parked.add('face', entry(id));
    parked.add('plate', entry('4-0', 'retry'));
    expect(parked.take('face', 2).map(({ id }) => id)).toEqual(['1-0', '2-0']);
    expect([parked.size(), parked.size('face'), parked.of('retry')]).toEqual([2, 1, 1]);
    expect(parked.take('face', 9)).toEqual([entry('3-0')]);
    expect(parked.lines()).toEqual(['plate']);
  });

  it('are known as long as they are parked', () => {
    const parked = createParked();
    parked.add('face', entry('1-0'));
    expect([parked.has('input', '1-0'), parked.has('retry', '1-0')]).toEqual([true, false]);
    parked.take('face', 1);
    expect(parked.has('input', '1-0')).toBe(false);
  });

  it('of lanes go ahead of the others of their pool when there are no lanes any more', () => {
    const parked = createParked();
    parked.add('face', entry('3-0'));
    parked.add(lineName('face', '1,2'), entry('1-0'));
    parked.add(lineName('face', '3'), entry('2-0'));
    parked.add('plate', entry('4-0'));
    expect([parked.hasLanes('face'), parked.hasLanes('plate'), parked.hasLanes('fac')]).toEqual([
      true,
      false,
      false,
    ]);
    parked.rejoin();
    expect([parked.lines().toSorted(), parked.hasLanes('face'), parked.size()]).toEqual([
      ['face', 'plate'],
      false,
      4,
    ]);
    const ids = parked.take('face', 9).map(({ id }) => id);
    expect([ids.toSorted(), ids.at(-1)]).toEqual([['1-0', '2-0', '3-0'], '3-0']);
  });

  it('may be taken out from the middle', () => {
    const parked = createParked();
    for (const id of ['1-0', '2-0', '3-0']) parked.add('face', entry(id));
    parked.add('plate', entry('2-0', 'retry'));
    parked.add('car', entry('4-0'));
    expect(parked.drop('input', new Set(['2-0', '4-0', '9-0']))).toBe(2);
    expect([[...parked.ids('input')], parked.of('retry')]).toEqual([['1-0', '3-0'], 1]);
    expect(parked.lines()).toEqual(['face', 'plate']);
    expect(parked.take('face', 3).map(({ id }) => id)).toEqual(['1-0', '3-0']);
  });

  it('may come ahead of those that are there', () => {
    const parked = createParked();
    parked.add('face', entry('3-0'));
    parked.addFirst('face', [entry('1-0'), entry('2-0')]);
    expect(parked.take('face', 3).map(({ id }) => id)).toEqual(['1-0', '2-0', '3-0']);
  });
});
