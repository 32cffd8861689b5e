import type { Pool } from './pool.ts';
import type { Candidate, RouteRequest } from './processor.ts';
import type { Choice, Strategy, StrategyTools } from './strategy.ts';

export interface LeastLoadedOptions {
  /** Whether the counts are exact now. On stale counts everyone would rush to the same processor. */
  readonly freshness: () => 'fresh' | 'stale';
}

export const byLoad = (a: Candidate, b: Candidate): boolean =>
  a.load === b.load ? a.tie < b.tie : a.load < b.load;

/**
 * The processor with the least load, ties at random. On stale counts the better of two drawn at random (Mitzenmacher, The Power of
 * Two Choices in Randomized Load Balancing, 2001), which is nearly as good and makes no herd.
 */
export function leastLoaded({ rng }: StrategyTools, { freshness }: LeastLoadedOptions): Strategy {
  /** A whole number below `limit`. */
  const draw = (limit: number): number => Math.min(Math.floor(rng() * limit), limit - 1);

  function ofTwo(pool: Pool, request: RouteRequest): Candidate | undefined {
    const { open } = pool;
    if (open.size < 2) return undefined;
    const first = draw(open.size);
    const second = (first + 1 + draw(open.size - 1)) % open.size;
    const fits = (candidate: Candidate): boolean =>
      candidate.processor.id !== request.avoid && pool.accepts(candidate, request);
    const [a, b] = [open.at(first), open.at(second)];
    const [better, other] = byLoad(a, b) ? [a, b] : [b, a];
    return fits(better) ? better : fits(other) ? other : undefined;
  }

  return {
    name: 'least_loaded',
    before: byLoad,
    slowStart: true,
    choose(pool, request): Choice | undefined {
      const candidate = (freshness() === 'stale' ? ofTwo(pool, request) : undefined) ?? pool.best(request);
      return candidate && { candidate, reason: 'least_loaded' };
    },
  };
}
