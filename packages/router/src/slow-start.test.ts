import { createRouter, type Router } from './router.ts';

/** The generator of Numerical Recipes: as random as a test needs, and the same in each run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

const CAPACITY = 200;
const CONCURRENCY = 4;
const SERVICE_MS = 40;
const OTHERS = 10;
/** Of what the ten can do: their queues are long when the newcomer comes, and as long must its own not be at once. */
const loadAt = (nowMs: number): number => (nowMs < WARM_AT_MS ? 0.9 : nowMs < JOINS_AT_MS ? 1.2 : 1.05);
const WARM_AT_MS = 10_000;
const JOINS_AT_MS = 14_000;
const request = { capability: 'a', cameraId: 'c' };

interface Second {
  /** Most frames that the newcomer had outstanding. */
  readonly newcomer: number;
  /** The mean of the others, at that moment. */
  readonly others: number;
  /** Frames handed to the newcomer, as a share of an even one. */
  readonly share: number;
}

/** Ten processors under load, and an eleventh that joins; by seconds since it did. */
function simulate(slowStartMs: number, seconds: number): Second[] {
  const rng = seeded(5);
  const exponential = (mean: number): number => -mean * Math.log(1 - rng());
  let nowMs = 0;
  const router = createRouter({ strategy: 'least_loaded', slowStartMs, clock: () => nowMs, rng });
  const servers = new Map<string, { freeAt: number[]; done: number[] }>();
  const join = (id: string): void => {
    router.put({ id, capabilities: ['a'], capacity: CAPACITY });
    servers.set(id, { freeAt: new Array<number>(CONCURRENCY).fill(0), done: [] });
  };
  for (let i = 0; i < OTHERS; i++) join(`p${i}`);
  const everyMs = (load: number): number => SERVICE_MS / (load * OTHERS * CONCURRENCY);
  const rows = Array.from({ length: seconds }, () => ({ newcomer: 0, others: 0, handed: 0, all: 0 }));
  while (nowMs < JOINS_AT_MS + seconds * 1000) {
    nowMs += exponential(everyMs(loadAt(nowMs)));
    if (nowMs >= JOINS_AT_MS && !servers.has('new')) join('new');
    for (const [id, { done }] of servers) {
      const waiting = done.filter((doneAt) => doneAt > nowMs);
      if (waiting.length === done.length) continue;
      done.splice(0, done.length, ...waiting);
      router.setOutstanding(id, done.length);
    }
    const { processorId } = router.decide(request);
    if (processorId === undefined) continue;
    router.reserve(processorId);
    const { freeAt, done } = servers.get(processorId)!;
    const first = freeAt.indexOf(Math.min(...freeAt));
    const doneAt = Math.max(nowMs, freeAt[first] as number) + exponential(SERVICE_MS);
    freeAt[first] = doneAt;
    done.push(doneAt);
    const row = rows[Math.floor((nowMs - JOINS_AT_MS) / 1000)];
    if (!row) continue;
    row.all++;
    if (processorId === 'new') row.handed++;
    const newcomer = router.outstanding('new');
    if (newcomer <= row.newcomer) continue;
    row.newcomer = newcomer;
    row.others = [...servers].reduce((sum, [id]) => sum + router.outstanding(id), -newcomer) / OTHERS;
  }
  return rows.map(({ newcomer, others, handed, all }) => ({
    newcomer,
    others,
    share: (handed / all) * (OTHERS + 1),
  }));
}

describe('a newcomer among loaded processors', () => {
  it('is not flooded, and has its full share later', () => {
    const seconds = simulate(10_000, 20);
    const [first] = seconds as [Second];
    expect(first.others).toBeGreaterThan(40);
    expect(first.newcomer).toBeLessThan(first.others / 4);
    expect(first.share).toBeGreaterThan(0.2);
    const last = seconds.slice(12).map(({ share }) => share);
    expect(last.reduce((sum, share) => sum + share, 0) / last.length).toBeGreaterThan(0.9);
  });

  it('is flooded without a slow start: its queue is as long as the others, in the first second', () => {
    const [first] = simulate(0, 2) as [Second];
    expect(first.newcomer).toBeGreaterThan(first.others * 0.9);
  });
});

describe('the slow start', () => {
  let nowMs = 0;

  /** One with half of its capacity outstanding, and a second one that is new. @returns how many frames the new one takes before the other */
  function taken(router: Router): number {
    for (let count = 0; ; count++) {
      const { processorId } = router.decide(request);
      if (processorId !== 'new') return count;
      router.reserve('new');
    }
  }

  function routerWithOne(): Router {
    nowMs = 0;
    const router = createRouter({ clock: () => nowMs, rng: seeded(1) });
    router.put({ id: 'old', capabilities: ['a'], capacity: 100 });
    nowMs = 60_000;
    router.decide(request);
    router.setOutstanding('old', 50);
    return router;
  }

  it('lets a newcomer have a tenth at first, and all after ten seconds', () => {
    const router = routerWithOne();
    router.put({ id: 'new', capabilities: ['a'], capacity: 100 });
    expect(taken(router)).toBe(5);
    nowMs += 5_000;
    expect(taken(router)).toBeGreaterThan(15);
    nowMs += 5_000;
    taken(router);
    expect(router.outstanding('new')).toBeGreaterThanOrEqual(50);
  });

  it('begins again for one that comes back', () => {
    const router = routerWithOne();
    router.put({ id: 'new', capabilities: ['a'], capacity: 100 });
    nowMs += 60_000;
    router.decide(request);
    router.setAvailability('new', 'unhealthy');
    router.setAvailability('new', 'available');
    expect(taken(router)).toBe(5);
  });

  it('never keeps a frame from the only processor with credit', () => {
    const router = routerWithOne();
    router.put({ id: 'new', capabilities: ['a'], capacity: 10 });
    router.setOutstanding('old', 100);
    expect(taken(router)).toBe(10);
    expect(router.decide(request)).toMatchObject({ reason: 'none', why: 'no_credit' });
  });

  it('is over at once where the clock steps back', () => {
    const router = routerWithOne();
    router.put({ id: 'new', capabilities: ['a'], capacity: 100 });
    nowMs -= 30_000;
    expect(taken(router)).toBeGreaterThanOrEqual(50);
  });

  it('makes no difference where all are new', () => {
    nowMs = 0;
    const router = createRouter({ clock: () => nowMs, rng: seeded(1) });
    for (const id of ['p1', 'p2']) router.put({ id, capabilities: ['a'], capacity: 10 });
    for (let i = 0; i < 10; i++) router.reserve(router.decide(request).processorId as string);
    expect([router.outstanding('p1'), router.outstanding('p2')]).toEqual([5, 5]);
  });

  it('concerns strategies that go by the load only', () => {
    nowMs = 0;
    const router = createRouter({ strategy: 'round_robin', clock: () => nowMs });
    router.put({ id: 'new', capabilities: ['a'], capacity: 10 });
    router.reserve('new');
    expect(router.explain(request).candidates[0]?.load).toBe(0.1);
  });
});
