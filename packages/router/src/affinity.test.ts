import type { Move } from './affinity.ts';
import { createRouter, type Router } from './router.ts';
import type { RouterOptions } from './router-options.ts';

const ids = (count: number): string[] => Array.from({ length: count }, (_none, i) => `p${i + 1}`);
const cameras = (count: number): string[] => Array.from({ length: count }, (_none, i) => `camera-${i + 1}`);

/** A router with a clock of its own, and the moves it announced. */
function routerOf(count: number, options: Partial<RouterOptions> = {}) {
  const time = { nowMs: 0 };
  const router = createRouter({ strategy: 'affinity', clock: () => time.nowMs, rng: () => 0.5, ...options });
  const moves: Move[] = [];
  router.onMove((move) => moves.push(move));
  for (const id of ids(count)) router.put({ id, capabilities: ['a'], capacity: 10 });
  return { router, time, moves };
}

const choose = (router: Router, cameraId: string, avoid?: string) =>
  router.decide({ capability: 'a', cameraId, avoid });
const homesOf = (router: Router, all: readonly string[]): (string | undefined)[] =>
  all.map((cameraId) => choose(router, cameraId).processorId);

/** One frame of each of these cameras at a time, done at once, every 100 ms. */
function play(router: Router, time: { nowMs: number }, frames: readonly string[], forMs: number): void {
  for (const end = time.nowMs + forMs; time.nowMs < end; time.nowMs += 100) homesOf(router, frames);
}

describe('a camera', () => {
  it('stays with its home', () => {
    const { router, time, moves } = routerOf(5);
    const first = homesOf(router, cameras(20));
    play(router, time, cameras(20), 1000);
    expect(homesOf(router, cameras(20))).toEqual(first);
    expect(moves).toEqual([]);
  });

  it('has the same home in any router with the same processors', () => {
    const reversed = createRouter({ strategy: 'affinity' });
    for (const id of ids(5).reverse()) reversed.put({ id, capabilities: ['a'], capacity: 10 });
    expect(homesOf(reversed, cameras(50))).toEqual(homesOf(routerOf(5).router, cameras(50)));
  });

  it('stays when a processor comes', () => {
    const { router } = routerOf(5);
    const first = homesOf(router, cameras(50));
    router.put({ id: 'new', capabilities: ['a'], capacity: 10 });
    expect(homesOf(router, cameras(50))).toEqual(first);
  });

  it('stays when its home is put again', () => {
    const { router, moves } = routerOf(1);
    choose(router, 'c');
    router.put({ id: 'p1', capabilities: ['a', 'b'], capacity: 5 });
    expect(choose(router, 'c')).toMatchObject({ processorId: 'p1', reason: 'home' });
    expect(moves).toEqual([]);
  });

  it('is at home again, without a move, where its home left and came back', () => {
    const { router, moves } = routerOf(3);
    const { processorId = '' } = choose(router, 'c');
    router.remove(processorId);
    router.put({ id: processorId, capabilities: ['a'], capacity: 10 });
    expect(choose(router, 'c')).toMatchObject({ processorId, reason: 'home' });
    expect(moves).toEqual([]);
  });

  it('goes elsewhere for single frames while its home has no credit', () => {
    const { router, moves } = routerOf(3);
    const { processorId = '' } = choose(router, 'c');
    router.setOutstanding(processorId, 10);
    expect(choose(router, 'c')).toMatchObject({ reason: 'overflow' });
    router.setOutstanding(processorId, 9);
    expect(choose(router, 'c')).toMatchObject({ processorId, reason: 'home' });
    expect(moves).toEqual([]);
  });

  it('goes elsewhere for the frame that its home failed', () => {
    const { router } = routerOf(3);
    const { processorId: home = '' } = choose(router, 'c');
    const decision = choose(router, 'c', home);
    expect(decision.reason).toBe('overflow');
    expect(decision.processorId).not.toBe(home);
    expect(choose(router, 'c').processorId).toBe(home);
  });

  it('has the same home though its first frame is one that this one failed', () => {
    const home = choose(routerOf(3).router, 'c').processorId;
    const { router } = routerOf(3);
    expect(choose(router, 'c', home).processorId).not.toBe(home);
    expect(choose(router, 'c').processorId).toBe(home);
  });

  it('has a home for each capability', () => {
    const { router } = routerOf(2);
    router.put({ id: 'other', capabilities: ['b'], capacity: 10 });
    const home = choose(router, 'c').processorId;
    expect(router.decide({ capability: 'b', cameraId: 'c' }).processorId).toBe('other');
    expect(choose(router, 'c').processorId).toBe(home);
  });

  it.each(['draining', 'isolated', 'unhealthy', 'circuit_open'] as const)(
    'fails over from a home that is %s, and stays there',
    (away) => {
      const { router, moves, time } = routerOf(3);
      const { processorId: from = '' } = choose(router, 'c');
      router.setAvailability(from, away);
      time.nowMs = 7;
      const { processorId: to, reason } = choose(router, 'c');
      expect([to === from, reason]).toEqual([false, 'failover']);
      expect(moves).toEqual([{ cameraId: 'c', from, to, reason: 'unavailable', atMs: 7 }]);
      router.setAvailability(from, 'available');
      expect(choose(router, 'c')).toMatchObject({ processorId: to, reason: 'home' });
    },
  );

  it('moves from a home that no longer accepts it', () => {
    const { router } = routerOf(2);
    const { processorId: id = '' } = choose(router, 'c');
    router.put({ id, capabilities: ['a'], capacity: 10, cameras: ['d'] });
    expect(choose(router, 'c')).toMatchObject({ reason: 'failover' });
  });
});

describe('homes', () => {
  it('are spread by weight and capacity', () => {
    const { router } = routerOf(2);
    router.put({ id: 'p2', capabilities: ['a'], capacity: 10, weight: 2 });
    router.put({ id: 'p3', capabilities: ['a'], capacity: 30 });
    const homes = homesOf(router, cameras(3000));
    for (const [id, expected] of [
      ['p1', 500],
      ['p2', 1000],
      ['p3', 1500],
    ] as const) {
      const count = homes.filter((home) => home === id).length;
      expect(Math.abs(count - expected)).toBeLessThan(100);
    }
  });

  it('move for the cameras of a processor that leaves, and for no others', () => {
    const { router } = routerOf(10);
    const before = homesOf(router, cameras(1000));
    router.remove('p4');
    const after = homesOf(router, cameras(1000));
    before.forEach((home, i) =>
      home === 'p4' ? expect(after[i]).not.toBe('p4') : expect(after[i]).toBe(home),
    );
  });

  it('of a processor that leaves go to all others', () => {
    const { router } = routerOf(10);
    const before = homesOf(router, cameras(1000));
    router.remove('p4');
    const after = homesOf(router, cameras(1000)).filter((_home, i) => before[i] === 'p4');
    expect(new Set(after).size).toBe(9);
  });

  it('are no more than the limit, and those in use stay', () => {
    const { router, moves } = routerOf(2, { maxCameras: 10 });
    const { processorId: from = '' } = choose(router, 'kept');
    router.setAvailability(from, 'draining');
    const to = choose(router, 'kept').processorId; // not the one that it hashes to
    router.setAvailability(from, 'available');
    for (const cameraId of cameras(500)) {
      choose(router, cameraId);
      expect(choose(router, 'kept')).toMatchObject({ processorId: to, reason: 'home' });
    }
    expect(moves).toHaveLength(1);
  });

  it('unseen for long are forgotten', () => {
    const { router } = routerOf(2, { maxCameras: 10 });
    const { processorId: from = '' } = choose(router, 'c');
    router.setAvailability(from, 'draining');
    choose(router, 'c');
    router.setAvailability(from, 'available');
    homesOf(router, cameras(50));
    expect(choose(router, 'c')).toMatchObject({ processorId: from, reason: 'home' });
  });
});

describe('an explanation', () => {
  it('gives no camera a home', () => {
    const { router } = routerOf(2, { maxCameras: 1 });
    const { processorId: from = '' } = choose(router, 'c');
    router.setAvailability(from, 'draining');
    const to = choose(router, 'c').processorId;
    router.setAvailability(from, 'available');
    for (const cameraId of cameras(20)) router.explain({ capability: 'a', cameraId });
    expect(choose(router, 'c').processorId).toBe(to);
  });

  it('moves nobody', () => {
    const { router, moves } = routerOf(2);
    const { processorId = '' } = choose(router, 'c');
    router.setAvailability(processorId, 'draining');
    expect(router.explain({ capability: 'a', cameraId: 'c' }).decision.reason).toBe('failover');
    expect(moves).toEqual([]);
  });

  it('scores highest the processor that is the home', () => {
    const { router } = routerOf(5);
    for (const cameraId of cameras(20)) {
      const { candidates, decision } = router.explain({ capability: 'a', cameraId });
      const [best] = candidates.toSorted((a, b) => b.score - a.score);
      expect(best?.processorId).toBe(decision.processorId);
    }
  });
});

describe('a listener to moves', () => {
  function moveOne(router: Router, cameraId: string): void {
    const { processorId = '' } = choose(router, cameraId);
    router.setAvailability(processorId, 'draining');
    choose(router, cameraId);
    router.setAvailability(processorId, 'available');
  }

  it('hears nothing more once it has stopped listening', () => {
    const { router } = routerOf(3);
    const heard: Move[] = [];
    const stop = router.onMove((move) => heard.push(move));
    moveOne(router, 'c');
    stop();
    moveOne(router, 'd');
    expect(heard.map(({ cameraId }) => cameraId)).toEqual(['c']);
  });

  it('that throws spoils neither the decision nor the other listeners', () => {
    const errors: unknown[] = [];
    const { router } = routerOf(3, { onListenerError: (error) => errors.push(error) });
    const heard: Move[] = [];
    router.onMove(() => {
      throw new Error('broken');
    });
    router.onMove((move) => heard.push(move));
    moveOne(router, 'c');
    expect([heard.length, errors]).toEqual([1, [new Error('broken')]]);
  });
});

describe('a place to report errors to that is itself broken', () => {
  it('spoils no decision', () => {
    const fail = (): never => {
      throw new Error('broken');
    };
    const { router } = routerOf(3, { onListenerError: fail });
    router.onMove(fail);
    const { processorId = '' } = choose(router, 'c');
    router.setAvailability(processorId, 'draining');
    expect(choose(router, 'c').reason).toBe('failover');
  });
});
