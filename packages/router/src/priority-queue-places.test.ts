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

describe('a bounded class', () => {
  const bounded = {
    classes: [
      { name: 'high', from: 5, weight: 1 },
      { name: 'low', from: 0, weight: 1, limit: 2 },
    ],
  };

  it('refuses what comes when it is full, and says so', () => {
    const { queue } = queueAt(bounded);
    expect([1, 2, 3].map((i) => queue.push(`${i}`, 0) !== undefined)).toEqual([true, true, false]);
    expect(popAll(queue)).toEqual(['1', '2']);
  });

  it('does not keep others out', () => {
    const { queue } = queueAt(bounded);
    for (const item of ['a', 'b', 'c']) queue.push(item, 0);
    expect(queue.push('H', 5)).toBeDefined();
  });

  it('has room again when those whose deadline is over are gone', () => {
    const { queue, time } = queueAt(bounded);
    queue.push('endless', 0);
    queue.push('short', 0, 0, 50);
    time.nowMs = 100;
    expect(queue.push('next', 0)).toBeDefined();
    expect(popAll(queue)).toEqual(['endless', 'next']);
  });
});

describe('a deadline', () => {
  it('is kept: what is late is never handed out as if it were not', () => {
    const { queue, time } = queueAt();
    queue.push('late', 9, 0, 50);
    queue.push('in time', 9, 0, 51);
    time.nowMs = 51;
    expect(popAll(queue)).toEqual(['in time']);
  });

  it('that is over hands the item out apart, once', () => {
    const { queue, time } = queueAt();
    queue.push('late', 9, 0, 50);
    time.nowMs = 51;
    expect([queue.takeExpired(), queue.takeExpired()]).toEqual(['late', undefined]);
    expect(queue.size).toBe(0);
  });

  it('is noticed in the middle of a class too, within 20 ms', () => {
    const { queue, time } = queueAt();
    queue.push('endless', 0);
    queue.push('late', 0, 0, 1000);
    queue.push('endless too', 0);
    time.nowMs = 1020;
    expect(queue.takeExpired()).toBe('late');
    expect(popAll(queue)).toEqual(['endless', 'endless too']);
  });

  it('that lies far ahead is kept too', () => {
    const { queue, time } = queueAt();
    queue.push('endless', 0);
    queue.push('tomorrow', 0, 0, 86_400_000);
    for (time.nowMs = 0; time.nowMs < 86_400_000; time.nowMs += 600_000) {
      expect(queue.takeExpired()).toBeUndefined();
    }
    time.nowMs = 86_400_020;
    expect(queue.takeExpired()).toBe('tomorrow');
  });

  it('is kept when the clock steps back and comes by again', () => {
    const { queue, time } = queueAt();
    time.nowMs = 10_000;
    queue.takeExpired();
    queue.push('endless', 0);
    queue.push('x', 0, 0, 9_500);
    time.nowMs = 9_000;
    expect(queue.takeExpired()).toBeUndefined();
    time.nowMs = 9_520;
    const soon = queue.takeExpired();
    time.nowMs = 9_500 + 4_200;
    expect(soon ?? queue.takeExpired()).toBe('x');
  });

  it('costs its class nothing of its share', () => {
    const { queue, time } = queueAt({ classes });
    for (let i = 0; i < 5; i++) queue.push('late', 5, 0, 10);
    for (let i = 0; i < 3; i++) queue.push('H', 5);
    queue.push('L', 0);
    time.nowMs = 100;
    expect(popAll(queue).join('')).toBe('HHHL');
  });
});

describe('a place', () => {
  it('can be given up from the middle', () => {
    const { queue } = queueAt();
    queue.push('a', 0);
    const b = queue.push('b', 0);
    queue.push('c', 0);
    expect(b && queue.remove(b)).toBe(true);
    expect(popAll(queue)).toEqual(['a', 'c']);
  });

  it('passes to another item, which takes its turn', () => {
    const { queue } = queueAt();
    const a = queue.push('a-1', 0);
    queue.push('b-1', 0);
    expect(a && queue.replace(a, 'a-2')).toBe(true);
    expect(popAll(queue)).toEqual(['a-2', 'b-1']);
  });

  it('passes on with the deadline of the new item', () => {
    const { queue, time } = queueAt();
    const place = queue.push('old', 0, 0, 50);
    if (place) queue.replace(place, 'new', 100);
    time.nowMs = 75;
    expect(queue.takeExpired()).toBeUndefined();
    time.nowMs = 120;
    expect(queue.takeExpired()).toBe('new');
  });

  it.each<[how: string, leave: (queue: PriorityQueue<string>) => unknown]>([
    ['handed out', (queue) => queue.pop()],
    ['removed', (queue) => queue.remove(queue.lowest()!)],
  ])('is none any more once its item was %s', (_how, leave) => {
    const { queue } = queueAt();
    const place = queue.push('a', 0)!;
    leave(queue);
    expect([queue.remove(place), queue.replace(place, 'b')]).toEqual([false, false]);
    expect(queue.size).toBe(0);
  });

  it('is none any more once its deadline is over', () => {
    const { queue, time } = queueAt();
    const place = queue.push('a', 0, 0, 10)!;
    time.nowMs = 50;
    queue.pop();
    expect([queue.remove(place), queue.replace(place, 'b')]).toEqual([false, false]);
    expect(queue.takeExpired()).toBe('a');
  });

  it('of another queue is none', () => {
    const { queue } = queueAt();
    const place = queue.push('a', 0)!;
    expect(queueAt().queue.remove(place)).toBe(false);
    expect(queue.size).toBe(1);
  });

  it('of the lowest class, in front, is the one to give up', () => {
    const { queue } = queueAt();
    expect(queue.lowest()).toBeUndefined();
    for (const [item, priority] of [
      ['n', 5],
      ['l-1', 2],
      ['l-2', 0],
    ] as const)
      queue.push(item, priority);
    expect(queue.lowest()).toMatchObject({ item: 'l-1', priority: 2 });
  });
});
