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

describe('a home beyond its bound', () => {
  const graceMs = 2_000;

  /** A camera whose home has nine of ten outstanding, the others none. */
  function slowHome() {
    const about = routerOf(4, { moveGraceMs: graceMs });
    const { processorId: home = '' } = choose(about.router, 'c');
    about.router.setOutstanding(home, 9);
    return { ...about, home };
  }

  it('keeps its cameras for the grace period', () => {
    const { router, time, home, moves } = slowHome();
    choose(router, 'c');
    time.nowMs = graceMs - 1;
    expect(choose(router, 'c')).toMatchObject({ processorId: home, reason: 'home' });
    expect(moves).toEqual([]);
  });

  it('gives one away after it, and says so', () => {
    const { router, time, home, moves } = slowHome();
    choose(router, 'c');
    time.nowMs = graceMs;
    const { processorId: to, reason } = choose(router, 'c');
    expect(reason).toBe('failover');
    expect(moves).toEqual([{ cameraId: 'c', from: home, to, reason: 'overloaded', atMs: graceMs }]);
  });

  it('keeps them where it was within the bound in between', () => {
    const { router, time, home, moves } = slowHome();
    choose(router, 'c');
    time.nowMs = graceMs - 1;
    router.setOutstanding(home, 4);
    choose(router, 'c');
    router.setOutstanding(home, 9);
    choose(router, 'c');
    time.nowMs = graceMs + 1;
    choose(router, 'c');
    expect(moves).toEqual([]);
  });

  it('keeps them while all are as loaded', () => {
    const { router, time, moves } = slowHome();
    for (const id of ids(4)) router.setOutstanding(id, 9);
    play(router, time, ['c'], 3 * graceMs);
    expect(moves).toEqual([]);
  });

  it('that is slow gives away one camera in each grace period', () => {
    const { router, time, moves } = slowHome();
    const homes = homesOf(routerOf(4).router, cameras(100));
    const five = (id: string): string[] =>
      cameras(100)
        .filter((_camera, i) => homes[i] === id)
        .slice(0, 5);
    play(router, time, ids(4).flatMap(five), 2 * graceMs + 200);
    expect(moves).toHaveLength(2);
  });

  it('gives the next camera a home elsewhere', () => {
    const { router, time, home } = slowHome();
    play(router, time, cameras(40), graceMs + 100);
    const known = new Set(cameras(40));
    const newcomers = cameras(400).filter((cameraId) => !known.has(cameraId));
    expect(homesOf(routerOf(4).router, newcomers)).toContain(home);
    expect(homesOf(router, newcomers)).not.toContain(home);
  });

  it('keeps them no longer though the clock stepped back', () => {
    const { router, time, moves } = slowHome();
    time.nowMs = 3_600_000;
    choose(router, 'c');
    time.nowMs = 0;
    choose(router, 'c');
    time.nowMs = graceMs;
    choose(router, 'c');
    expect(moves).toHaveLength(1);
  });

  it('does not send a camera that is too much for any on its way again and again', () => {
    const { router, time, moves } = slowHome();
    for (let i = 0; i < 300; i++, time.nowMs += 100) {
      const { processorId } = choose(router, 'c');
      for (const id of ids(4)) router.setOutstanding(id, id === processorId ? 10 : 0);
    }
    expect(moves.length).toBeLessThanOrEqual(2);
  });

  it('gives away what its cameras ask too much, though it keeps up', () => {
    const { router, time, moves } = routerOf(4);
    const all = cameras(40);
    const home = choose(router, 'camera-1').processorId;
    const there = all.filter((cameraId) => choose(router, cameraId).processorId === home);
    // Those at this home are three times as fast as the others.
    play(router, time, [...all, ...there, ...there], 30_000);
    expect(moves.length).toBeGreaterThan(0);
    expect(moves.filter(({ from }) => from !== home)).toEqual([]);
  });

  it('keeps the camera that is too much for any, and gives the others there away', () => {
    const { router, time, moves } = routerOf(4);
    const all = cameras(40);
    const hot = new Array<string>(40).fill('camera-1');
    play(router, time, [...all, ...hot], 30_000);
    expect(moves.length).toBeGreaterThan(0);
    expect(moves.map(({ cameraId }) => cameraId)).not.toContain('camera-1');
  });

  it('takes no frame that a less loaded one can take, while its camera may not move again', () => {
    const { router, time, home } = slowHome();
    play(router, time, ['c'], graceMs + 100);
    const { processorId: next = '' } = choose(router, 'c');
    expect(next).not.toBe(home);
    for (const id of ids(4)) router.setOutstanding(id, id === next ? 9 : 0);
    play(router, time, ['c'], graceMs + 100);
    expect(choose(router, 'c')).toMatchObject({ reason: 'overflow', load: 0 });
    router.setOutstanding(next, 1);
    expect(choose(router, 'c')).toMatchObject({ processorId: next, reason: 'home' });
  });

  it('keeps a camera that is alone there', () => {
    const { router, time, moves } = routerOf(4);
    play(router, time, ['c', 'c', 'c'], 30_000);
    expect(moves).toEqual([]);
  });
});

describe('time', () => {
  it('that jumps far, forth and back, changes no home', () => {
    const { router, time, moves } = routerOf(4);
    const homes = homesOf(router, cameras(20));
    for (const nowMs of [1e12, 0, -1e12, 1e15, Number.NaN, 5]) {
      time.nowMs = nowMs;
      expect(homesOf(router, cameras(20))).toEqual(homes);
    }
    expect(moves).toEqual([]);
  });

  it('that is long keeps the books right', () => {
    const { router, time, moves } = routerOf(4, { moveGraceMs: 1e6 });
    const all = cameras(40);
    for (let i = 0; i < 300; i++, time.nowMs += 50_000) homesOf(router, all);
    expect(moves.length).toBeLessThan(10);
    const homes = homesOf(router, all);
    for (const id of ids(4)) expect(homes.filter((home) => home === id).length).toBeLessThanOrEqual(14);
  });
});
