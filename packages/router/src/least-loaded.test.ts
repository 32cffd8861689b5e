import { createRouter, type Router } from './router.ts';
import type { RouterOptions } from './router-options.ts';

/** The generator of Numerical Recipes: as random as a test needs, and the same in each run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

function routerOf(count: number, options: Partial<RouterOptions> = {}): Router {
  const router = createRouter({ strategy: 'least_loaded', rng: seeded(1), ...options });
  for (let i = 1; i <= count; i++) router.put({ id: `p${i}`, capabilities: ['a'], capacity: 10 });
  return router;
}

const request = { capability: 'a', cameraId: 'c' };

/** Frames one after the other, each done before the next comes. */
function oneByOne(router: Router, frames: number): string[] {
  return Array.from({ length: frames }, () => {
    const id = router.decide(request).processorId as string;
    router.reserve(id);
    router.setOutstanding(id, 0);
    return id;
  });
}

const countOf = (ids: readonly string[], id: string): number => ids.filter((other) => other === id).length;

describe('least loaded, on fresh counts', () => {
  it('compares shares of capacity and weight', () => {
    const router = createRouter();
    router.put({ id: 'small', capabilities: ['a'], capacity: 2 });
    router.put({ id: 'large', capabilities: ['a'], capacity: 8 });
    router.put({ id: 'heavy', capabilities: ['a'], capacity: 8, weight: 2 });
    for (const [id, outstanding] of [
      ['small', 1],
      ['large', 3],
      ['heavy', 5],
    ] as const)
      router.setOutstanding(id, outstanding);
    expect(router.decide(request).processorId).toBe('heavy');
  });

  it('fills processors in proportion to capacity', () => {
    const router = createRouter({ rng: seeded(2) });
    router.put({ id: 'small', capabilities: ['a'], capacity: 20 });
    router.put({ id: 'large', capabilities: ['a'], capacity: 80 });
    for (let i = 0; i < 50; i++) router.reserve(router.decide(request).processorId as string);
    expect(router.outstanding('large')).toBe(40);
  });

  it('spreads ties evenly', () => {
    const ids = oneByOne(routerOf(10), 20_000);
    for (let i = 1; i <= 10; i++) {
      expect(countOf(ids, `p${i}`)).toBeGreaterThan(1_800);
      expect(countOf(ids, `p${i}`)).toBeLessThan(2_200);
    }
  });

  it('draws every tie anew: the same one again as often as chance has it', () => {
    const ids = oneByOne(routerOf(10), 20_000);
    const repeats = ids.filter((id, i) => id === ids[i - 1]).length;
    expect(repeats).toBeGreaterThan(1_800);
    expect(repeats).toBeLessThan(2_200);
  });

  it('spreads ties evenly after an hour too', () => {
    const router = routerOf(10);
    oneByOne(router, 100_000);
    const ids = oneByOne(router, 5_000);
    for (let i = 1; i <= 10; i++) expect(countOf(ids, `p${i}`)).toBeGreaterThan(400);
  });

  it.each([0, 1 - 2 ** -53, 1])('takes %d for a random number', (number) => {
    const router = routerOf(3, { rng: () => number, freshness: () => 'stale' });
    expect(new Set(oneByOne(router, 10)).size).toBeGreaterThan(0);
    expect(router.decide(request).reason).toBe('least_loaded');
  });
});

describe('least loaded, on stale counts', () => {
  it('chooses one of many, not always the least', () => {
    const router = routerOf(10, { freshness: () => 'stale' });
    for (let i = 1; i <= 10; i++) router.setOutstanding(`p${i}`, i - 1);
    const ids = new Set(Array.from({ length: 300 }, () => router.decide(request).processorId));
    expect(ids.size).toBe(9); // the most loaded of all is never the better of two
  });

  it('chooses the better of the two where there are two', () => {
    const router = routerOf(2, { freshness: () => 'stale' });
    router.setOutstanding('p1', 1);
    const ids = Array.from({ length: 50 }, () => router.decide(request).processorId);
    expect(new Set(ids)).toEqual(new Set(['p2']));
  });

  it('does not choose the one to avoid', () => {
    const router = routerOf(3, { freshness: () => 'stale' });
    const ids = Array.from({ length: 100 }, () => router.decide({ ...request, avoid: 'p2' }).processorId);
    expect(new Set(ids)).toEqual(new Set(['p1', 'p3']));
  });

  it('finds the only one that accepts the frame', () => {
    const router = routerOf(20, { freshness: () => 'stale' });
    for (let i = 1; i <= 20; i++) {
      router.put({ id: `p${i}`, capabilities: ['a'], capacity: 10, cameras: i === 7 ? ['c'] : ['d'] });
    }
    expect(router.decide(request).processorId).toBe('p7');
  });
});
