import { createRouter, type Router } from './router.ts';
import type { RouterOptions } from './router-options.ts';
import type { Strategy } from './strategy.ts';

function routerOf(count: number, options: Partial<RouterOptions> = {}): Router {
  const router = createRouter(options);
  for (let i = 1; i <= count; i++) router.put({ id: `p${i}`, capabilities: ['a'], capacity: 2 });
  return router;
}
const request = { capability: 'a', cameraId: 'c1' };

describe('a decision', () => {
  it('says that no processor has the capability', () => {
    const decision = routerOf(1).decide({ ...request, capability: 'b' });
    expect(decision).toEqual({ processorId: undefined, reason: 'none', why: 'no_processor' });
  });

  it.each(['draining', 'isolated'] as const)(
    'never takes one that is %s, even if there is no other',
    (away) => {
      const router = routerOf(1);
      router.setAvailability('p1', away);
      expect(router.decide(request)).toMatchObject({ reason: 'none', why: 'unavailable' });
    },
  );

  it('says that all are full', () => {
    const router = routerOf(1);
    router.setOutstanding('p1', 2);
    expect(router.decide(request)).toMatchObject({ reason: 'none', why: 'no_credit' });
  });

  it('says that none accepts the frame', () => {
    const router = createRouter();
    router.put({ id: 'p1', capabilities: ['a'], capacity: 1, formats: ['png'] });
    expect(router.decide({ ...request, format: 'jpeg' })).toMatchObject({ why: 'constraints' });
  });

  it('takes any processor where no capability is asked for', () => {
    expect(routerOf(1).decide({ ...request, capability: undefined })).toMatchObject({ processorId: 'p1' });
  });

  it('carries the load it was made on', () => {
    const router = routerOf(1);
    router.reserve('p1');
    expect(router.decide(request)).toEqual({ processorId: 'p1', reason: 'least_loaded', load: 1 });
  });

  it('reserves nothing by itself', () => {
    const router = routerOf(1);
    for (let i = 0; i < 5; i++) router.decide(request);
    expect(router.outstanding('p1')).toBe(0);
  });
});

describe('constraints', () => {
  const router = createRouter();
  router.put({
    id: 'p1',
    capabilities: ['a'],
    capacity: 1,
    formats: ['jpeg'],
    minWidth: 640,
    maxWidth: 1920,
    minHeight: 480,
    maxHeight: 1080,
    cameras: ['c1'],
  });
  it.each([
    [{}, undefined],
    [{ format: 'jpeg', width: 640, height: 1080 }, undefined],
    [{ format: 'png' }, 'format'],
    [{ width: 639 }, 'width'],
    [{ width: 1921 }, 'width'],
    [{ height: 479 }, 'height'],
    [{ height: 1081 }, 'height'],
    [{ cameraId: 'c2' }, 'camera'],
  ])('of a frame %j exclude by %s', (frame, excluded) => {
    expect(router.explain({ ...request, ...frame }).candidates[0]?.excluded).toBe(excluded);
  });
});

describe('takers', () => {
  function constrained(): Router {
    const router = createRouter();
    router.put({ id: 'door', capabilities: ['a'], capacity: 1, cameras: ['door'] });
    router.put({ id: 'all', capabilities: ['a'], capacity: 1 });
    return router;
  }
  const of = (router: Router, cameraId: string, avoid?: string) => {
    const { key, count } = router.takers({ capability: 'a', cameraId, avoid });
    return { key, count };
  };

  it('are the same for frames that the same processors accept, whoever has credit', () => {
    const router = constrained();
    expect(of(router, 'garage')).toEqual(of(router, 'roof'));
    expect(of(router, 'garage').key).not.toBe(of(router, 'door').key);
    expect([of(router, 'garage').count, of(router, 'door').count]).toEqual([1, 2]);
    const before = of(router, 'garage');
    router.reserve('all');
    expect(of(router, 'garage')).toEqual(before);
  });

  it('differ where another processor is to be avoided', () => {
    const router = constrained();
    expect(of(router, 'door', 'all').key).not.toBe(of(router, 'door').key);
  });

  it('have credit while one of them has', () => {
    const router = constrained();
    const garage = router.takers({ capability: 'a', cameraId: 'garage' });
    const door = router.takers({ capability: 'a', cameraId: 'door' });
    router.reserve('all');
    expect([garage.haveCredit(), door.haveCredit()]).toEqual([false, true]);
    router.release('all');
    router.setAvailability('all', 'isolated');
    expect(garage.haveCredit()).toBe(false);
  });

  it('hold until a processor comes, goes, or takes something else', () => {
    const router = constrained();
    const before = router.members();
    router.setOutstanding('all', 1);
    router.setAvailability('all', 'draining');
    expect(router.members()).toBe(before);
    router.put({ id: 'all', capabilities: ['a'], capacity: 1, cameras: ['door'] });
    router.remove('door');
    expect(router.members()).toBe(before + 2);
  });

  it('are none where no processor has the capability', () => {
    const takers = createRouter().takers(request);
    expect([takers.count, takers.haveCredit()]).toEqual([0, false]);
  });
});

describe('the processor that failed a frame last', () => {
  it('is not chosen, even when the others are full', () => {
    const router = routerOf(2);
    router.setOutstanding('p2', 2);
    expect(router.decide({ ...request, avoid: 'p1' })).toMatchObject({ why: 'no_credit' });
  });

  it('is chosen where it is the only one', () => {
    expect(routerOf(1).decide({ ...request, avoid: 'p1' })).toMatchObject({ processorId: 'p1' });
  });

  it('is chosen where the others don’t accept the frame', () => {
    const router = routerOf(1);
    router.put({ id: 'p2', capabilities: ['a'], capacity: 1, cameras: ['c9'] });
    expect(router.decide({ ...request, avoid: 'p1' })).toMatchObject({ processorId: 'p1' });
  });

  it('is chosen where the others don’t serve', () => {
    const router = routerOf(2);
    router.setAvailability('p2', 'draining');
    expect(router.decide({ ...request, avoid: 'p1' })).toMatchObject({ processorId: 'p1' });
  });
});

describe('panic', () => {
  it('begins below half healthy, and goes by those that may come back', () => {
    const router = routerOf(4);
    router.setAvailability('p4', 'draining');
    router.setAvailability('p1', 'unhealthy');
    router.setOutstanding('p2', 1);
    router.setOutstanding('p3', 1);
    expect(router.decide(request).processorId).not.toBe('p1');
    router.setAvailability('p2', 'circuit_open');
    expect(router.decide(request)).toMatchObject({ processorId: 'p1', reason: 'panic' });
  });

  it('ends when half are healthy again', () => {
    const router = routerOf(2);
    for (const id of ['p1', 'p2']) router.setAvailability(id, 'unhealthy');
    expect(router.decide(request).reason).toBe('panic');
    router.setAvailability('p1', 'available');
    expect(router.decide(request)).toMatchObject({ processorId: 'p1', reason: 'least_loaded' });
  });

  it('can be switched off', () => {
    const router = routerOf(2, { panicBelow: 0 });
    for (const id of ['p1', 'p2']) router.setAvailability(id, 'unhealthy');
    expect(router.decide(request)).toMatchObject({ why: 'unavailable' });
  });
});

describe('a processor', () => {
  it('keeps its count and its availability when it is put again', () => {
    const router = routerOf(1);
    router.reserve('p1');
    router.setAvailability('p1', 'draining');
    router.put({ id: 'p1', capabilities: ['b'], capacity: 5 });
    expect(router.outstanding('p1')).toBe(1);
    expect(router.explain({ ...request, capability: 'b' }).candidates[0]?.excluded).toBe('draining');
  });

  it('moves to the capabilities it is put with', () => {
    const router = routerOf(1);
    router.put({ id: 'p1', capabilities: ['b'], capacity: 2 });
    expect([router.hasCredit('a'), router.hasCredit('b')]).toEqual([false, true]);
  });

  it('has no credit beyond a capacity that shrank', () => {
    const router = routerOf(1);
    router.setOutstanding('p1', 1);
    router.put({ id: 'p1', capabilities: ['a'], capacity: 1 });
    expect(router.hasCredit('a')).toBe(false);
  });

  it('is new when it comes back after it was removed', () => {
    const router = routerOf(1);
    router.reserve('p1');
    router.remove('p1');
    expect(router.outstanding('p1')).toBeNaN();
    router.put({ id: 'p1', capabilities: ['a'], capacity: 2 });
    expect(router.outstanding('p1')).toBe(0);
  });

  it('that nobody knows may be spoken of', () => {
    const router = routerOf(1);
    router.remove('x');
    router.reserve('x');
    router.release('x');
    router.setOutstanding('x', 3);
    router.setAvailability('x', 'draining');
    expect(router.decide(request).processorId).toBe('p1');
  });

  it.each([
    [{ capacity: 0 }, 'capacity of p must be from 1 to 1000000000, is 0'],
    [{ capacity: Number.NaN }, 'capacity of p must be from 1 to 1000000000, is NaN'],
    [{ capacity: 1, weight: 0 }, 'weight of p must be from 0.000001 to 1000000, is 0'],
  ])('with %j is refused', (sizes, message) => {
    const router = createRouter();
    expect(() => router.put({ id: 'p', capabilities: [], ...sizes })).toThrow(new RangeError(message));
    expect(router.outstanding('p')).toBeNaN();
  });
});

describe('an outstanding count', () => {
  it('is never below 0', () => {
    const router = routerOf(1);
    router.release('p1');
    expect(router.outstanding('p1')).toBe(0);
  });

  it('that is unknown leaves the last one', () => {
    const router = routerOf(1);
    router.setOutstanding('p1', 1);
    router.setOutstanding('p1', Number.NaN);
    expect(router.outstanding('p1')).toBe(1);
  });

  it('that is infinite takes the credit, and spoils nothing for the others', () => {
    const router = routerOf(2, { strategy: 'affinity' });
    router.setOutstanding('p1', Infinity);
    expect(router.decide(request).processorId).toBe('p2');
    router.setOutstanding('p1', 0);
    router.setOutstanding('p2', 2);
    expect(router.decide(request).processorId).toBe('p1');
  });
});

describe('the past', () => {
  const remembering = (count: number): Router => routerOf(count, { rememberedChanges: 8, slowStartMs: 0 });
  const told = (router: Router, moment: number, chosenId?: string, avoid?: string): unknown =>
    router
      .recall(moment, { ...request, avoid }, chosenId)
      ?.map(({ processorId, outstanding, excluded }) => [processorId, outstanding, excluded]);

  it('tells who could be chosen then, the best first, and what excluded the others', () => {
    const router = remembering(4);
    router.setOutstanding('p1', 1);
    router.setOutstanding('p2', 2);
    router.setAvailability('p3', 'draining');
    const moment = router.moment();
    router.reserve('p4');
    router.setOutstanding('p2', 0);
    router.setAvailability('p3', 'available');
    expect(told(router, moment, 'p4')).toEqual([
      ['p4', 0, undefined],
      ['p1', 1, undefined],
      ['p3', 0, 'draining'],
      ['p2', 2, 'no_credit'],
    ]);
  });

  it('names the one that was avoided', () => {
    const router = remembering(2);
    expect(told(router, router.moment(), 'p2', 'p1')).toEqual([
      ['p2', 0, undefined],
      ['p1', 0, 'avoid'],
    ]);
  });

  it('knows who has left since, and not yet who has come', () => {
    const router = remembering(1);
    router.reserve('p1');
    const moment = router.moment();
    router.remove('p1');
    router.put({ id: 'p1', capabilities: ['a'], capacity: 9 });
    router.put({ id: 'p2', capabilities: ['a'], capacity: 9 });
    expect(router.recall(moment, request, undefined)).toMatchObject([
      { processorId: 'p1', outstanding: 1, capacity: 2 },
    ]);
  });

  it('is forgotten after so many changes, and was never known by a router that remembers none', () => {
    const router = remembering(1);
    const moment = router.moment();
    for (let i = 1; i <= 8; i++) router.setOutstanding('p1', i % 2);
    expect(told(router, moment)).toEqual([['p1', 0, undefined]]);
    router.setOutstanding('p1', 1);
    expect(told(router, moment)).toBeUndefined();
    expect(told(router, router.moment() + 1)).toBeUndefined();
    expect(told(routerOf(1), 0)).toBeUndefined();
  });
});

describe('a strategy of one’s own', () => {
  it('plugs in', () => {
    const byName: Strategy = {
      name: 'by_name',
      before: (a, b) => a.processor.id < b.processor.id,
      choose(pool, asked) {
        const candidate = pool.best(asked);
        return candidate && { candidate, reason: 'home' };
      },
    };
    const router = routerOf(3, { strategy: byName });
    const { strategy, decision } = router.explain({ ...request, avoid: 'p1' });
    expect([strategy, decision.processorId]).toEqual(['by_name', 'p2']);
  });
});

describe('options out of their range', () => {
  it.each<[options: Partial<RouterOptions>, message: string]>([
    [
      { strategy: 'nope' as 'affinity' },
      'strategy must be round_robin, least_loaded, affinity or one of your own, is nope',
    ],
    [{ loadBound: 0.9 }, 'loadBound must be from 1 to 1000, is 0.9'],
    [{ moveGraceMs: -1 }, 'moveGraceMs must be from 0 to 86400000, is -1'],
    [{ maxCameras: 0 }, 'maxCameras must be from 1 to 10000000, is 0'],
    [{ rememberedChanges: -1 }, 'rememberedChanges must be from 0 to 10000000, is -1'],
    [{ panicBelow: Number.NaN }, 'panicBelow must be from 0 to 1, is NaN'],
  ])('%j are refused', (options, message) => {
    expect(() => createRouter(options)).toThrow(new RangeError(message));
  });
});
