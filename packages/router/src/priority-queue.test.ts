import { createPriorityQueue, type PriorityQueue } from './priority-queue.ts';
import type { PriorityQueueOptions } from './priority-classes.ts';

/** A queue with a clock of its own. */
function queueAt(options: Partial<PriorityQueueOptions> = {}) {
  const time = { nowMs: 0 };
  const queue = createPriorityQueue<string>({ clock: () => time.nowMs, ...options });
  return { queue, time };
}

function popAll(queue: PriorityQueue<string>): string[] {
  const popped: string[] = [];
  for (let item = queue.pop(); item !== undefined; item = queue.pop()) popped.push(item);
  return popped;
}

const classes = [
  { name: 'high', from: 5, weight: 3 },
  { name: 'low', from: 0, weight: 1 },
];

describe('the order', () => {
  it('is the higher class first, and first come, first served within a class', () => {
    const { queue } = queueAt();
    queue.push('low-1', 0);
    queue.push('high-1', 9);
    queue.push('low-2', 3);
    queue.push('high-2', 8);
    expect(popAll(queue)).toEqual(['high-1', 'high-2', 'low-1', 'low-2']);
  });

  it('gives each class its share of a round while all have something', () => {
    const { queue } = queueAt({ classes });
    for (let i = 0; i < 6; i++) queue.push('H', 5);
    for (let i = 0; i < 3; i++) queue.push('L', 0);
    expect(popAll(queue).join('')).toBe('HHHLHHHLL');
  });

  it('wastes nothing on a class that is empty', () => {
    const { queue } = queueAt({ classes });
    for (let i = 0; i < 3; i++) queue.push('L', 0);
    expect(popAll(queue).join('')).toBe('LLL');
  });

  it('gives a class that was empty for long no more than the others of its round', () => {
    const { queue } = queueAt({ classes });
    for (let i = 0; i < 100; i++) queue.push('L', 0);
    for (let i = 0; i < 50; i++) queue.pop();
    for (let i = 0; i < 20; i++) queue.push('H', 5);
    const popped = Array.from({ length: 20 }, () => queue.pop()).join('');
    expect(popped).not.toMatch(/H{7}/);
    expect(popped.match(/L/g)?.length).toBeGreaterThanOrEqual(4);
  });

  it.each([
    ['below all classes', -7],
    ['not a number', Number.NaN],
  ])('takes a priority that is %s for the lowest', (_name, priority) => {
    const { queue } = queueAt({ classes });
    queue.push('x', priority);
    expect(queue.sizes()).toEqual([
      ['high', 0],
      ['low', 1],
    ]);
  });
});

describe('an item put back', () => {
  it('is the next one again', () => {
    const { queue } = queueAt();
    for (const item of ['a', 'b', 'c']) queue.push(item, 9, 0);
    queue.putBack(queue.pop() as string, 9, 0);
    expect(popAll(queue)).toEqual(['a', 'b', 'c']);
  });

  it('keeps the order of several, put back last first', () => {
    const { queue } = queueAt();
    for (const item of ['a', 'b', 'c', 'd']) queue.push(item, 0, 0);
    const aside = [queue.pop(), queue.pop(), queue.pop()] as string[];
    for (const item of aside.reverse()) queue.putBack(item, 0, 0);
    expect(popAll(queue)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('costs its class nothing of its share', () => {
    const { queue } = queueAt({ classes });
    for (let i = 0; i < 6; i++) queue.push('H', 5, 0);
    for (let i = 0; i < 2; i++) queue.push('L', 0, 0);
    for (let i = 0; i < 10; i++) queue.putBack(queue.pop() as string, 5, 0);
    expect(popAll(queue).join('')).toBe('HHHLHHHL');
  });

  it('gives its class nothing either', () => {
    const { queue } = queueAt({ classes });
    for (let i = 0; i < 20; i++) queue.putBack('H', 5, 0);
    for (let i = 0; i < 3; i++) queue.push('L', 0, 0);
    expect(popAll(queue).join('')).toMatch(/^HHHLHHHLHHHL/);
  });

  it('is taken even by a class that is full', () => {
    const { queue } = queueAt({ classes: [{ name: 'all', from: 0, weight: 1, limit: 1 }] });
    queue.push('a', 0);
    queue.putBack('b', 0, 0);
    expect(popAll(queue)).toEqual(['b', 'a']);
  });
});

describe('what has aged', () => {
  const busy = {
    classes: [
      { name: 'high', from: 5, weight: 1000 },
      { name: 'low', from: 0, weight: 1 },
    ],
  };

  it('goes first once in so many dispatches', () => {
    const { queue, time } = queueAt({ ...busy, agedAfterMs: 100, agedEvery: 5 });
    for (let i = 0; i < 5; i++) queue.push('L', 0);
    time.nowMs = 101;
    for (let i = 0; i < 20; i++) queue.push('H', 5);
    expect(Array.from({ length: 15 }, () => queue.pop()).join('')).toBe('HHHHLHHHHLHHHHL');
  });

  it('does not go first before its time', () => {
    const { queue, time } = queueAt({ ...busy, agedAfterMs: 100, agedEvery: 2 });
    queue.push('L', 0);
    time.nowMs = 100;
    for (let i = 0; i < 10; i++) queue.push('H', 5);
    expect(popAll(queue).join('')).toBe('HHHHHHHHHHL');
  });

  it('does not turn the order upside down when everything has', () => {
    const { queue, time } = queueAt({ agedAfterMs: 100 });
    for (let i = 0; i < 1000; i++) queue.push('L', 0);
    for (let i = 0; i < 1000; i++) queue.push('H', 9);
    time.nowMs = 1_000_000;
    const popped = Array.from({ length: 1000 }, () => queue.pop());
    expect(popped.filter((item) => item === 'H').length).toBeGreaterThanOrEqual(840);
  });

  it('escapes after the usual time though the clock stepped back an hour', () => {
    const { queue, time } = queueAt({ ...busy, agedAfterMs: 100, agedEvery: 2 });
    time.nowMs = 3_600_000;
    queue.push('L', 0);
    for (let i = 0; i < 20; i++) queue.push('H', 5);
    time.nowMs = 0;
    expect([queue.pop(), queue.pop(), queue.pop()].join('')).toBe('HHH');
    time.nowMs = 102;
    expect([queue.pop(), queue.pop()].join('')).toContain('L');
  });

  it('goes first, if it has between two looks, within so many dispatches', () => {
    const { queue, time } = queueAt({ ...busy, agedAfterMs: 100, agedEvery: 5 });
    queue.push('L', 0);
    for (let i = 0; i < 30; i++) queue.push('H', 5, 50);
    for (let i = 0; i < 7; i++) expect(queue.pop()).toBe('H');
    time.nowMs = 101;
    expect(Array.from({ length: 5 }, () => queue.pop()).join('')).toContain('L');
  });

  it('costs a look at the clock only where an escape is allowed', () => {
    let looks = 0;
    const clock = (): number => (looks++, 0);
    const queue = createPriorityQueue<string>({ ...busy, agedEvery: 5, clock });
    for (let i = 0; i < 100; i++) queue.push('H', 5, 0);
    for (let i = 0; i < 100; i++) queue.pop();
    expect(looks).toBeGreaterThan(0);
    expect(looks).toBeLessThanOrEqual(25);
  });

  it('is known by the longest wait of those in front', () => {
    const { queue } = queueAt();
    expect(queue.oldestSinceMs()).toBeUndefined();
    queue.push('a', 9, 50);
    queue.push('b', 0, 20);
    expect(queue.oldestSinceMs()).toBe(20);
  });
});

it('goes through all that wait, class by class', () => {
  const { queue } = queueAt();
  for (const [item, priority] of [
    ['low', 0],
    ['high', 9],
    ['low too', 1],
  ] as const)
    queue.push(item, priority);
  expect([...queue].map(({ item }) => item)).toEqual(['high', 'low', 'low too']);
});

describe('options that make no sense', () => {
  const one = { name: 'all', from: 0, weight: 1 };
  it.each<[options: Partial<PriorityQueueOptions>, message: string]>([
    [{ classes: [] }, 'classes must not be empty'],
    [{ classes: [{ ...one, weight: 0 }] }, 'weight of class all must be a whole number from 1, is 0'],
    [{ classes: [{ ...one, weight: 1.5 }] }, 'weight of class all must be a whole number from 1, is 1.5'],
    [{ classes: [{ ...one, limit: 0 }] }, 'limit of class all must be a whole number from 1, is 0'],
    [{ classes: [{ ...one, from: Number.NaN }] }, 'from of class all must be a number, is NaN'],
    [{ classes: [one, { ...one, name: 'b' }] }, 'from must differ from class to class, is 0, 0'],
    [{ classes: [one, { ...one, from: 1 }] }, 'name must differ from class to class, is all, all'],
    [{ agedAfterMs: -1 }, 'agedAfterMs must be 0 or more, is -1'],
    [{ agedEvery: 1 }, 'agedEvery must be a whole number from 2, is 1'],
  ])('%j are refused', (options, message) => {
    expect(() => createPriorityQueue(options)).toThrow(new RangeError(message));
  });
});
