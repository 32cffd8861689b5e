import type { Before } from './open-heap.ts';
import type { Pool } from './pool.ts';
import type { Candidate, RouteRequest } from './processor.ts';

export type Reason = 'home' | 'least_loaded' | 'round_robin' | 'overflow' | 'failover' | 'panic';

export interface Choice {
  readonly candidate: Candidate;
  readonly reason: Reason;
}

/** How a processor is chosen among those that can take a frame. Implement it to plug a strategy in. */
export interface Strategy {
  readonly name: string;
  /** The order in which a pool keeps its open members: what `pool.open.first()` is. */
  readonly before: Before;
  /** Goes by the load: a newcomer, which has none, is to get its share step by step instead of all that comes. */
  readonly slowStart?: boolean;
  /**
   * Called with a pool that has at least one open member; undefined where none of them accepts the frame.
   * @param explaining nothing is decided, only asked: nothing may be remembered
   */
  choose(pool: Pool, request: RouteRequest, explaining: boolean): Choice | undefined;
  /** A processor came. Called before it has a place in any order. */
  onEnter?(candidate: Candidate): void;
  /** A frame was decided for this candidate. Its place in the order is looked at again afterwards. */
  onReserve?(candidate: Candidate): void;
  /** Which score is the best; default `lowest`. */
  readonly best?: 'lowest' | 'highest';
  /** What it goes by, for `explain()` and `recall()`; its load where this isn't implemented. Must be a function of its arguments alone. */
  score?(candidate: Candidate, request: RouteRequest): number;
}

export interface StrategyTools {
  /** ms, monotonic. */
  readonly clock: () => number;
  readonly rng: () => number;
}
