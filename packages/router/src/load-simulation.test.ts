import { createRouter, type Router } from './router.ts';
import type { RouterOptions } from './router-options.ts';

/** The generator of Numerical Recipes: as random as a test needs, and the same in each run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

const PROCESSORS = 50;
const LOAD = 0.8;

interface Setting {
  readonly router: Partial<RouterOptions>;
  readonly frames: number;
  readonly seed: number;
  /** Orchestrators that decide independently, each for its part of the frames. */
  readonly orchestrators: number;
  /** How often they learn the real counts, in mean service times; 0: at once. */
  readonly reportEvery: number;
  /** Of mean 1. */
  readonly service: (rng: () => number) => number;
}

/** Pareto's with an exponent of 1.5, cut at a thousand times its minimum: a few frames take as long as hundreds of others. */
function heavyTailed(rng: () => number): number {
  const [shape, cut] = [1.5, 1000];
  const mean = (shape / (shape - 1)) * ((1 - cut ** (1 - shape)) / (1 - cut ** -shape));
  return (1 - rng() * (1 - cut ** -shape)) ** (-1 / shape) / mean;
}

const exponential = (rng: () => number): number => -Math.log(1 - rng());

/** Poisson arrivals to processors that serve one frame at a time. @returns the mean wait in mean service times */
function meanWait({ router: options, frames, seed, orchestrators, reportEvery, service }: Setting): number {
  const rng = seeded(seed);
  const routers: Router[] = Array.from({ length: orchestrators }, () => createRouter({ rng, ...options }));
  const ids = Array.from({ length: PROCESSORS }, (_none, i) => `p${i}`);
  for (const router of routers)
    for (const id of ids) router.put({ id, capabilities: ['a'], capacity: 100_000 });
  const done = new Map(ids.map((id) => [id, [] as number[]]));
  let [now, waited, reportedAt] = [0, 0, 0];
  for (let i = 0; i < frames; i++) {
    now += exponential(rng) / (LOAD * PROCESSORS);
    const due = now - reportedAt >= reportEvery;
    if (due) reportedAt = now;
    for (const [id, times] of done) {
      while (times.length > 0 && (times[0] as number) <= now) times.shift();
      if (due) for (const router of routers) router.setOutstanding(id, times.length);
    }
    const router = routers[i % orchestrators] as Router;
    const id = router.decide({ capability: 'a', cameraId: 'c' }).processorId as string;
    router.reserve(id);
    const times = done.get(id) as number[];
    const startAt = Math.max(now, times.at(-1) ?? 0);
    waited += startAt - now;
    times.push(startAt + service(rng));
  }
  return waited / frames;
}

describe('at load 0.8 with heavy-tailed service over 50 processors', () => {
  const setting = { frames: 30_000, orchestrators: 1, reportEvery: 0, service: heavyTailed };

  it.each([1, 2])(
    'frames wait a tenth as long with least_loaded as with round_robin, or less (seed %d)',
    (seed) => {
      const leastLoaded = meanWait({ ...setting, seed, router: { strategy: 'least_loaded' } });
      const roundRobin = meanWait({ ...setting, seed, router: { strategy: 'round_robin' } });
      expect(leastLoaded).toBeLessThan(roundRobin / 10);
    },
  );
});

describe('at load 0.8 on counts that are stale', () => {
  it.each([
    [4, 5],
    [16, 1],
    [16, 5],
  ])(
    '%d orchestrators that learn them every %d service times wait no longer by two choices than by the least',
    (orchestrators, reportEvery) => {
      const setting = { frames: 20_000, seed: 3, orchestrators, reportEvery, service: exponential };
      const twoChoices = meanWait({ ...setting, router: { freshness: () => 'stale' } });
      const exact = meanWait({ ...setting, router: { freshness: () => 'fresh' } });
      expect(twoChoices).toBeLessThan(exact);
    },
  );
});
