export type { AffinityOptions, Move } from './affinity.ts';
export { OpenHeap, type Before } from './open-heap.ts';
export type { PriorityClass, PriorityQueueOptions } from './priority-classes.ts';
export { Pool } from './pool.ts';
export { createPriorityQueue, type Place, type PriorityQueue } from './priority-queue.ts';
export {
  hasCredit,
  loadOf,
  type Availability,
  type Candidate,
  type RouteRequest,
  type RouterProcessor,
} from './processor.ts';
export type { Decision, ExplainedCandidate, Exclusion, Explanation, NoneReason } from './decision.ts';
export { createRouter, type Router, type Takers } from './router.ts';
export type { RouterOptions } from './router-options.ts';
export type { Choice, Reason, Strategy, StrategyTools } from './strategy.ts';
