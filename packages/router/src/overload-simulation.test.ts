import { createPriorityQueue } from './priority-queue.ts';

/** The generator of Numerical Recipes: as random as a test needs, and the same in each run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

type ClassName = 'high' | 'normal' | 'low';
const PRIORITY: Readonly<Record<ClassName, number>> = { high: 9, normal: 5, low: 1 };
/** Of the frames that come. */
const MIX: readonly [name: ClassName, share: number][] = [
  ['high', 0.2],
  ['normal', 0.4],
  ['low', 0.4],
];
const WEIGHTS = [
  { name: 'high', from: 8, weight: 16, limit: 500 },
  { name: 'normal', from: 4, weight: 4, limit: 500 },
  { name: 'low', from: 0, weight: 1, limit: 500 },
];
const CREDITS = 20;
const SERVICE_MS = 20;
const FOR_MS = 60_000;

interface Seen {
  came: number;
  served: number;
  waitsMs: number[];
  /** Longest time between two that were served. */
  gapMs: number;
  lastMs: number;
}

/** A pool with 20 credits under Poisson arrivals, which takes from the queue whenever it has one. */
function simulate(load: number, seed: number): Record<ClassName, Seen> {
  const rng = seeded(seed);
  const exponential = (mean: number): number => -mean * Math.log(1 - rng());
  let nowMs = 0;
  const queue = createPriorityQueue<{ name: ClassName; sinceMs: number }>({
    classes: WEIGHTS,
    clock: () => nowMs,
  });
  const fresh = (): Seen => ({ came: 0, served: 0, waitsMs: [], gapMs: 0, lastMs: 0 });
  const seen = { high: fresh(), normal: fresh(), low: fresh() };
  let doneAtMs: number[] = [];
  const everyMs = SERVICE_MS / (load * CREDITS);
  let nextMs = exponential(everyMs);

  function serve(): void {
    while (doneAtMs.length < CREDITS && queue.size > 0) {
      const { name, sinceMs } = queue.pop()!;
      const own = seen[name];
      own.served++;
      own.waitsMs.push(nowMs - sinceMs);
      own.gapMs = Math.max(own.gapMs, nowMs - own.lastMs);
      own.lastMs = nowMs;
      doneAtMs.push(nowMs + exponential(SERVICE_MS));
    }
  }

  while (nowMs < FOR_MS) {
    const doneMs = Math.min(...doneAtMs);
    nowMs = Math.min(nextMs, doneMs);
    if (nowMs === doneMs) doneAtMs = doneAtMs.filter((atMs) => atMs > nowMs);
    else {
      nextMs = nowMs + exponential(everyMs);
      let at = rng();
      const name = MIX.find(([, share]) => (at -= share) < 0)?.[0] ?? 'low';
      seen[name].came++;
      queue.push({ name, sinceMs: nowMs }, PRIORITY[name]);
    }
    serve();
  }
  return seen;
}

const p99 = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(0.99 * values.length)] as number;

describe.each([1, 2])('a pool at 1.2 times its load (seed %d)', (seed) => {
  const overload = simulate(1.2, seed);
  const normal = simulate(0.9, seed);

  it('serves 99 % of the high class', () => {
    expect(overload.high.served / overload.high.came).toBeGreaterThan(0.99);
  });

  it('lets the high class wait about as long as it does normally', () => {
    expect(p99(overload.high.waitsMs)).toBeLessThan(p99(normal.high.waitsMs) + SERVICE_MS / 2);
  });

  it('never starves the low class', () => {
    expect(overload.low.gapMs).toBeLessThan(1_000);
    expect(overload.low.served / overload.low.came).toBeGreaterThan(0.1);
  });

  it('serves the normal class before the low one', () => {
    const share = (name: ClassName): number => overload[name].served / overload[name].came;
    expect(share('normal')).toBeGreaterThan(share('low'));
  });
});
