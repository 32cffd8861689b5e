import fc from 'fast-check';
import { type CameraDemand, adviseFrameRates } from './frame-rate-advice.ts';

/** The same cases in every run; a failure is found again. */
fc.configureGlobal({ seed: 1957 });

const camera = (cameraId: string, wantedPerSecond: number, ...pools: string[]): CameraDemand => ({
  cameraId,
  wantedPerSecond,
  needs: Object.fromEntries(pools.map((pool) => [pool, 1])),
});

describe('the advised frame rate', () => {
  it('is what each wants where the pool can do it', () => {
    const advice = adviseFrameRates({
      poolsPerSecond: { faces: 100 },
      cameras: [camera('a', 10, 'faces'), camera('b', 30, 'faces')],
    });
    expect(advice).toEqual(
      new Map([
        ['a', { framesPerSecond: 10, limitedBy: undefined }],
        ['b', { framesPerSecond: 30, limitedBy: undefined }],
      ]),
    );
  });

  it('shares evenly, and gives what the modest leave to the others', () => {
    const cameras = [camera('a', 10, 'faces'), camera('b', 60, 'faces'), camera('c', 60, 'faces')];
    const advice = adviseFrameRates({ poolsPerSecond: { faces: 100 }, cameras }, 1);
    expect(advice.get('a')?.framesPerSecond).toBe(10);
    expect(advice.get('b')).toEqual({ framesPerSecond: 45, limitedBy: 'faces' });
    expect(advice.get('c')).toEqual({ framesPerSecond: 45, limitedBy: 'faces' });
  });

  it('keeps some of the capacity back to work off what waits', () => {
    const advice = adviseFrameRates({ poolsPerSecond: { faces: 100 }, cameras: [camera('a', 500, 'faces')] });
    expect(advice.get('a')?.framesPerSecond).toBe(95);
  });

  it('is that of the slowest pool a camera needs, and leaves the rest of the others to others', () => {
    const cameras = [camera('both', 100, 'faces', 'objects'), camera('objects only', 100, 'objects')];
    const advice = adviseFrameRates({ poolsPerSecond: { faces: 10, objects: 100 }, cameras }, 1);
    expect(advice.get('both')).toEqual({ framesPerSecond: 10, limitedBy: 'faces' });
    expect(advice.get('objects only')).toEqual({ framesPerSecond: 90, limitedBy: 'objects' });
  });

  it('counts a pool that only some frames need by their share', () => {
    const cameras = [{ cameraId: 'a', wantedPerSecond: 100, needs: { faces: 0.25 } }];
    const advice = adviseFrameRates({ poolsPerSecond: { faces: 10 }, cameras }, 1);
    expect(advice.get('a')?.framesPerSecond).toBe(40);
  });

  it('is 0 for a pool without processors', () => {
    const advice = adviseFrameRates({ poolsPerSecond: { faces: 0 }, cameras: [camera('a', 5, 'faces')] });
    expect(advice.get('a')).toEqual({ framesPerSecond: 0, limitedBy: 'faces' });
  });

  it('is not limited by what is unknown', () => {
    const cameras = [camera('a', 5, 'faces'), camera('b', Number.NaN, 'nowhere')];
    const advice = adviseFrameRates({ poolsPerSecond: { faces: Number.NaN }, cameras });
    expect([advice.get('a')?.framesPerSecond, advice.get('b')?.framesPerSecond]).toEqual([5, Infinity]);
  });

  it('refuses a headroom out of range', () => {
    expect(() => adviseFrameRates({ poolsPerSecond: {}, cameras: [] }, 1.1)).toThrow(RangeError);
  });

  it('is max-min fair: within capacity, and raised for nobody but at the cost of one no better off', () => {
    const POOLS = ['p0', 'p1', 'p2'];
    const demands = fc.array(
      fc.record({
        wantedPerSecond: fc.oneof(fc.double({ min: 0, max: 60, noNaN: true }), fc.constant(Number.NaN)),
        needs: fc.dictionary(fc.constantFrom(...POOLS), fc.constantFrom(0.1, 0.5, 1), { minKeys: 1 }),
      }),
      { maxLength: 20 },
    );
    const capacities = fc.tuple(...POOLS.map(() => fc.double({ min: 0, max: 200, noNaN: true })));
    fc.assert(
      fc.property(demands, capacities, (wishes, capacity) => {
        const cameras = wishes.map((wish, i) => ({ cameraId: `c${i}`, ...wish }));
        const poolsPerSecond = Object.fromEntries(POOLS.map((pool, i) => [pool, capacity[i] as number]));
        const advice = adviseFrameRates({ poolsPerSecond, cameras }, 1);
        const rateOf = (id: string): number => advice.get(id)?.framesPerSecond as number;
        const used = (pool: string): number =>
          cameras.reduce((sum, each) => sum + rateOf(each.cameraId) * (each.needs[pool] ?? 0), 0);
        for (const pool of POOLS)
          expect(used(pool)).toBeLessThanOrEqual((poolsPerSecond[pool] as number) + 1e-6);
        for (const { cameraId, wantedPerSecond, needs } of cameras) {
          const rate = rateOf(cameraId);
          if (rate >= wantedPerSecond) {
            expect(rate).toBe(wantedPerSecond);
            continue;
          }
          const bottleneck = Object.keys(needs).some((pool) => {
            const full = used(pool) >= (poolsPerSecond[pool] as number) - 1e-6;
            const sharers = cameras.filter((each) => each.needs[pool] !== undefined);
            return full && sharers.every((each) => rateOf(each.cameraId) <= rate + 1e-6);
          });
          expect(bottleneck).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });
});
