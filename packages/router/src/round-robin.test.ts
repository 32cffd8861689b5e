import { createRouter, type Router } from './router.ts';

function routerOf(count: number, capacity = 1000): Router {
  const router = createRouter({ strategy: 'round_robin' });
  for (let i = 1; i <= count; i++) router.put({ id: `p${i}`, capabilities: ['a'], capacity });
  return router;
}

/** Decides and reserves so many times. */
function turns(router: Router, count: number, capability = 'a'): (string | undefined)[] {
  return Array.from({ length: count }, () => {
    const { processorId } = router.decide({ capability, cameraId: 'c' });
    if (processorId !== undefined) router.reserve(processorId);
    return processorId;
  });
}

describe('round robin', () => {
  it('takes turns in the order they came', () => {
    expect(turns(routerOf(3), 7)).toEqual(['p1', 'p2', 'p3', 'p1', 'p2', 'p3', 'p1']);
  });

  it('takes turns however loaded they are', () => {
    const router = routerOf(3);
    router.setOutstanding('p1', 900);
    expect(turns(router, 3)).toEqual(['p1', 'p2', 'p3']);
  });

  it('keeps the turn of one that was decided for and not reserved', () => {
    const router = routerOf(2);
    router.decide({ capability: 'a', cameraId: 'c' });
    expect(turns(router, 2)).toEqual(['p1', 'p2']);
  });

  it('skips who is full, and does not let it catch up afterwards', () => {
    const router = routerOf(3);
    router.setOutstanding('p2', 1000);
    expect(turns(router, 6)).toEqual(['p1', 'p3', 'p1', 'p3', 'p1', 'p3']);
    router.setOutstanding('p2', 0);
    expect(turns(router, 6)).toEqual(['p2', 'p1', 'p3', 'p2', 'p1', 'p3']);
  });

  it('lets a newcomer queue up behind the others, once for each round', () => {
    const router = routerOf(3);
    turns(router, 4);
    router.put({ id: 'new', capabilities: ['a'], capacity: 1000 });
    expect(turns(router, 5)).toEqual(['p2', 'p3', 'p1', 'new', 'p2']);
  });

  it('counts turns over all capabilities', () => {
    const router = routerOf(2);
    router.put({ id: 'both', capabilities: ['a', 'b'], capacity: 1000 });
    turns(router, 5, 'b');
    expect(turns(router, 5)).toEqual(['p1', 'p2', 'both', 'p1', 'p2']);
  });

  it('gives the last turn as the score', () => {
    const router = routerOf(2);
    turns(router, 1);
    const { candidates } = router.explain({ capability: 'a', cameraId: 'c' });
    expect(candidates.map(({ processorId }) => processorId)).toEqual(['p2', 'p1']);
    const [next, last] = candidates.map(({ score }) => score) as [number, number];
    expect(last).toBeGreaterThan(next);
  });
});
