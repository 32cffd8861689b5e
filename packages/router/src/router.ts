import { affinity, type Move } from './affinity.ts';
import type { Decision, ExplainedCandidate, Explanation, NoneReason } from './decision.ts';
import { NONE } from './decision.ts';
import { explainCandidates } from './explain.ts';
import { leastLoaded } from './least-loaded.ts';
import { Pool } from './pool.ts';
import {
  type Availability,
  type Candidate,
  isConstrained,
  loadNow,
  type RouteRequest,
  type RouterProcessor,
} from './processor.ts';
import { checkedOptions, checkProcessor, type RouterOptions } from './router-options.ts';
import { roundRobin } from './round-robin.ts';
import { createSlowStart } from './slow-start.ts';
import type { Strategy } from './strategy.ts';
import { UndoLog } from './undo-log.ts';

export interface Router {
  readonly strategy: string;
  /**
   * Adds a processor, or replaces what is known of it; its outstanding count and its availability are kept.
   * @throws RangeError for a capacity below 1, or a weight that is not above 0
   */
  put(processor: RouterProcessor): void;
  remove(processorId: string): void;
  setAvailability(processorId: string, availability: Availability): void;
  /** A fresh count, including what the caller has under way. NaN, unknown, leaves the last one. */
  setOutstanding(processorId: string, outstanding: number): void;
  /** One more, after a decision. */
  reserve(processorId: string): void;
  /** One less, when a hand-off was refused. */
  release(processorId: string): void;
  /** NaN for an unknown processor. */
  outstanding(processorId: string): number;
  /** Whether any processor of the pool could take a frame now. */
  hasCredit(capability: string | undefined): boolean;
  /** Which processors could ever take such a frame, credit aside. What it says holds until `members` changes. */
  takers(request: RouteRequest): Takers;
  /** How often a processor came, went, or changed what it takes. */
  members(): number;
  /** Names a processor; doesn't reserve. Never throws. */
  decide(request: RouteRequest): Decision;
  /** What `decide` would say now, and why. Changes nothing: no camera gets a home or moves by it. */
  explain(request: RouteRequest): Explanation;
  /** The present, as a number to `recall` it by: to be asked between `decide` and `reserve`. */
  moment(): number;
  /**
   * What `explain` would have said of the candidates at a moment, exactly. O(changes since).
   * @param chosenId who was decided for, if anybody @returns undefined where more than `rememberedChanges` have come since
   */
  recall(
    moment: number,
    request: RouteRequest,
    chosenId: string | undefined,
  ): readonly ExplainedCandidate[] | undefined;
  /** @returns a function that stops listening */
  onMove(listener: (move: Move) => void): () => void;
}

/** The processors that could take a frame. */
export interface Takers {
  /** The same for the same ones, and for the same one to avoid. */
  readonly key: string;
  readonly count: number;
  /** Whether one of them has credit, and may serve. */
  haveCredit(): boolean;
}

/** Above any capacity; sums stay exact with it. */
const MAX_OUTSTANDING = 2 ** 40;

/** Any processor. */
const ANY = Symbol('any');
type PoolKey = string | typeof ANY;

/** @throws RangeError for an option out of its range */
export function createRouter(given: Partial<RouterOptions> = {}): Router {
  const options = checkedOptions(given);
  const listeners = new Set<(move: Move) => void>();
  const strategy = strategyOf(options, announce);
  const candidates = new Map<string, Candidate>();
  const pools = new Map<PoolKey, Pool>();
  const freeSlots: number[] = [];
  const undoLog = new UndoLog(options.rememberedChanges);
  const slowStart = createSlowStart(options, (candidate, warmth) => {
    undoLog.note(candidate);
    candidate.warmth = warmth;
    candidate.load = loadNow(candidate);
    for (const pool of candidate.pools) pool.refresh(candidate, 0);
  });
  let members = 0;
  /** The tie of the last candidate that was reserved, see `drawTie`. */
  let tieOfLast = 0;

  function announce(move: Move): void {
    for (const listener of [...listeners]) {
      try {
        listener(move);
      } catch (error) {
        reportQuietly(error);
      }
    }
  }

  function reportQuietly(error: unknown): void {
    try {
      options.onListenerError(error);
    } catch {
      // The place to report errors to is itself broken; whoever asked for a decision must not pay for it.
    }
  }

  function poolOf(key: PoolKey): Pool {
    let pool = pools.get(key);
    if (!pool) pools.set(key, (pool = new Pool(strategy.before, options.panicBelow)));
    return pool;
  }

  function dropEmptyPools(): void {
    for (const [key, pool] of pools) if (pool.members.size === 0) pools.delete(key);
  }

  /**
   * A race of exponential clocks: the first to ring is chosen and starts anew from there, so that every choice among equals is uniform and
   * independent of those before. A tie drawn from 0 to 1 would not be: what stays behind is high, and the one redrawn wins again and again.
   */
  const drawTie = (): number => tieOfLast - Math.log(1 - options.rng() + Number.EPSILON);

  function count(candidate: Candidate, outstanding: number): void {
    const counted = Math.min(Math.max(0, outstanding), MAX_OUTSTANDING);
    const change = counted - candidate.outstanding;
    candidate.outstanding = counted;
    candidate.load = loadNow(candidate);
    candidate.tie = drawTie();
    for (const pool of candidate.pools) pool.refresh(candidate, change);
  }

  function create(processor: RouterProcessor): Candidate {
    const candidate: Candidate = {
      processor,
      constrained: false,
      availability: 'available',
      outstanding: 0,
      load: 0,
      warmth: 1,
      tie: drawTie(),
      mark: 0,
      slot: freeSlots.pop() ?? candidates.size,
      pools: [],
    };
    strategy.onEnter?.(candidate);
    if (strategy.slowStart) slowStart.begin(candidate);
    return candidate;
  }

  function why(pool: Pool, request: RouteRequest): NoneReason {
    let found: NoneReason = 'constraints';
    for (const candidate of pool.members) {
      if (!pool.accepts(candidate, request)) continue;
      if (pool.mayServe(candidate)) return 'no_credit';
      found = 'unavailable';
    }
    return found;
  }

  function decide(request: RouteRequest, explaining: boolean): Decision {
    const pool = pools.get(request.capability ?? ANY);
    if (!pool) return NONE.no_processor;
    slowStart.advance();
    const choice = pool.open.size > 0 ? strategy.choose(pool, request, explaining) : undefined;
    if (!choice) return NONE[why(pool, request)];
    const { candidate } = choice;
    const reason = candidate.availability === 'available' ? choice.reason : 'panic';
    return {
      processorId: candidate.processor.id,
      reason,
      load: candidate.outstanding,
    };
  }

  const explained = (
    candidatesThen: readonly Candidate[],
    request: RouteRequest,
    chosenId: string | undefined,
  ): ExplainedCandidate[] =>
    explainCandidates(candidatesThen, { request, chosenId, strategy, panicBelow: options.panicBelow });

  return {
    strategy: strategy.name,
    put(processor) {
      checkProcessor(processor);
      const { id } = processor;
      const known = candidates.get(id);
      const candidate = known ?? create(processor);
      undoLog.note(candidate, known !== undefined);
      members++;
      candidates.set(id, candidate);
      for (const pool of candidate.pools) pool.delete(candidate);
      candidate.processor = processor;
      candidate.constrained = isConstrained(processor);
      candidate.load = loadNow(candidate);
      candidate.pools = [...new Set<PoolKey>([ANY, ...processor.capabilities])].map(poolOf);
      for (const pool of candidate.pools) pool.add(candidate);
      dropEmptyPools();
    },
    remove(processorId) {
      const candidate = candidates.get(processorId);
      if (!candidate) return;
      undoLog.note(candidate);
      members++;
      candidates.delete(processorId);
      slowStart.forget(candidate);
      for (const pool of candidate.pools) pool.delete(candidate);
      candidate.pools = [];
      freeSlots.push(candidate.slot);
      dropEmptyPools();
    },
    setAvailability(processorId, availability) {
      const candidate = candidates.get(processorId);
      if (!candidate || candidate.availability === availability) return;
      undoLog.note(candidate);
      candidate.availability = availability;
      // What comes back is as cold, and as empty, as a newcomer.
      if (availability === 'available' && strategy.slowStart) slowStart.begin(candidate);
      candidate.load = loadNow(candidate);
      for (const pool of candidate.pools) pool.recount(candidate);
    },
    setOutstanding(processorId, outstanding) {
      const candidate = candidates.get(processorId);
      if (!candidate || Number.isNaN(outstanding) || candidate.outstanding === outstanding) return;
      undoLog.note(candidate);
      count(candidate, outstanding);
    },
    reserve(processorId) {
      const candidate = candidates.get(processorId);
      if (!candidate) return;
      undoLog.note(candidate);
      strategy.onReserve?.(candidate);
      tieOfLast = Math.max(tieOfLast, candidate.tie);
      count(candidate, candidate.outstanding + 1);
    },
    release(processorId) {
      const candidate = candidates.get(processorId);
      if (!candidate) return;
      undoLog.note(candidate);
      count(candidate, candidate.outstanding - 1);
    },
    outstanding: (processorId) => candidates.get(processorId)?.outstanding ?? Number.NaN,
    hasCredit: (capability) => (pools.get(capability ?? ANY)?.open.size ?? 0) > 0,
    takers(request) {
      const pool = pools.get(request.capability ?? ANY);
      const accepting = pool ? [...pool.members].filter((candidate) => pool.accepts(candidate, request)) : [];
      const slots = accepting.map(({ slot }) => slot).join();
      return {
        key: request.avoid === undefined ? slots : `${slots} not ${request.avoid}`,
        count: accepting.length,
        haveCredit: () => accepting.some((candidate) => pool?.open.has(candidate)),
      };
    },
    members: () => members,
    decide: (request) => decide(request, false),
    explain(request) {
      const decision = decide(request, true);
      return {
        strategy: strategy.name,
        capability: request.capability,
        decision,
        candidates: explained([...candidates.values()], request, decision.processorId),
      };
    },
    moment: () => undoLog.moment,
    recall(moment, request, chosenId) {
      const states = undoLog.at(moment, candidates.values());
      if (!states) return undefined;
      const then = [...states].map(([candidate, state]) => {
        const { processor, availability, outstanding, warmth, mark } = state;
        const past = { ...candidate, processor, availability, outstanding, warmth, mark };
        return { ...past, load: loadNow(past) };
      });
      return explained(then, request, chosenId);
    },
    onMove(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

function strategyOf(options: RouterOptions, onMove: (move: Move) => void): Strategy {
  switch (options.strategy) {
    case 'round_robin':
      return roundRobin();
    case 'least_loaded':
      return leastLoaded(options, options);
    case 'affinity':
      return affinity(options, { ...options, onMove });
    default:
      return options.strategy;
  }
}
