import type { Move } from './affinity.ts';
import { createRouter } from './router.ts';

/** The generator of Numerical Recipes: as random as a test needs, and the same in each run. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) / 2 ** 32;
}

interface Setting {
  readonly seed: number;
  readonly processors: number;
  readonly cameras: number;
  /** Camera k sends in proportion to 1 / k to the power of this. */
  readonly zipf: number;
  /** Share of what the processors can do together. */
  readonly load: number;
  readonly warmUpMs: number;
  readonly measuredMs: number;
}

const CAPACITY = 16;
const CONCURRENCY = 4;
const SERVICE_MS = 40;

/** Cameras with Poisson arrivals, processors that serve four frames at a time; what each was handed after the warm-up. */
function simulate({ seed, processors, cameras, zipf, load, warmUpMs, measuredMs }: Setting) {
  const rng = seeded(seed);
  const exponential = (mean: number): number => -mean * Math.log(1 - rng());
  let nowMs = 0;
  const router = createRouter({ strategy: 'affinity', clock: () => nowMs, rng });
  const moves: Move[] = [];
  router.onMove((move) => moves.push(move));
  const ids = Array.from({ length: processors }, (_none, i) => `processor-${i}`);
  for (const id of ids) router.put({ id, capabilities: ['a'], capacity: CAPACITY });

  const weights = Array.from({ length: cameras }, (_none, i) => (i + 1) ** -zipf);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const framesPerMs = (load * processors * CONCURRENCY) / SERVICE_MS;
  const cumulated: number[] = [];
  weights.reduce((sum, weight, i) => (cumulated[i] = sum + weight / total), 0);
  const draw = (): string => {
    const at = rng();
    let [low, high] = [0, cameras - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((cumulated[middle] as number) < at) low = middle + 1;
      else high = middle;
    }
    return `camera-${low}`;
  };

  const servers = new Map(
    ids.map((id) => [id, { freeAt: new Array<number>(CONCURRENCY).fill(0), done: [] as number[] }]),
  );
  const handed = new Map(ids.map((id) => [id, 0]));
  let frames = 0;
  let atHome = 0;
  while (nowMs < warmUpMs + measuredMs) {
    nowMs += exponential(1 / framesPerMs);
    for (const [id, { done }] of servers) {
      const waiting = done.filter((doneAt) => doneAt > nowMs);
      if (waiting.length < done.length) {
        done.splice(0, done.length, ...waiting);
        router.setOutstanding(id, done.length);
      }
    }
    const { processorId, reason } = router.decide({ capability: 'a', cameraId: draw() });
    if (processorId === undefined) continue;
    router.reserve(processorId);
    const server = servers.get(processorId)!;
    const first = server.freeAt.indexOf(Math.min(...server.freeAt));
    const doneAt = Math.max(nowMs, server.freeAt[first] as number) + exponential(SERVICE_MS);
    server.freeAt[first] = doneAt;
    server.done.push(doneAt);
    if (nowMs < warmUpMs) continue;
    frames++;
    if (reason === 'home') atHome++;
    handed.set(processorId, (handed.get(processorId) as number) + 1);
  }
  const mean = frames / processors;
  const worst = Math.max(...handed.values()) / mean;
  return {
    worst,

    movesLate: moves.filter(({ atMs }) => atMs > warmUpMs).length,
    homeShare: atHome / frames,
  };
}

describe('affinity with Zipf cameras and a bound of 1.25', () => {
  it.each<[name: string, setting: Setting]>([
    [
      '8 processors, 1000 cameras, s = 1',
      { seed: 1, processors: 8, cameras: 1000, zipf: 1, load: 0.7, warmUpMs: 40_000, measuredMs: 60_000 },
    ],
    [
      '20 processors, 1000 cameras, s = 0.6',
      { seed: 2, processors: 20, cameras: 1000, zipf: 0.6, load: 0.8, warmUpMs: 40_000, measuredMs: 30_000 },
    ],
    [
      '10 processors nearly idle, 200 cameras, s = 0.7',
      { seed: 3, processors: 10, cameras: 200, zipf: 0.7, load: 0.2, warmUpMs: 60_000, measuredMs: 120_000 },
    ],
  ])('loads no processor beyond 1.3 of the mean: %s', (_name, setting) => {
    const { worst, movesLate, homeShare } = simulate(setting);
    expect(worst).toBeLessThan(1.3);
    expect(movesLate).toBeLessThan(0.05 * setting.cameras);
    expect(homeShare).toBeGreaterThan(0.9);
  });
});
