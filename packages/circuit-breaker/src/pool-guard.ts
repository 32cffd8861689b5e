/*
 * Keeps breakers from emptying a pool, after Envoy's outlier detection (`max_ejection_percent`) and its panic threshold.
 *
 *  G1  At most `maxEjectedRatio` of the pool is ejected for failing, first come first ejected; the others that fail are spared.
 *  G2  With less than `panicBelowRatio` of the pool healthy, everyone is allowed: many failing at once have a common cause,
 *      and to route to the few left would only fell them too.
 *  G3  What an operator isolated is never allowed, and is no part of the pool that the ratios are of.
 */
import type { CircuitBreaker } from './circuit-breaker.ts';
import { type Disposer, EventSource } from './event-source.ts';
import { inRange, wholeInRange } from './range-check.ts';

export interface PoolGuardOptions {
  /** The largest share of the pool that may be ejected for failing. */
  maxEjectedRatio: number;
  /** So many may be ejected even where the ratio gives less, as long as one stays: 30 % of three processors is none. */
  minEjectable: number;
  /** Panic while healthy members / members is below this. */
  panicBelowRatio: number;
  onListenerError: (error: unknown) => void;
}

/** What is known of a member. All false is healthy. */
export interface MemberCondition {
  /** Its breaker isn't closed: a candidate for ejection (G1). */
  failing: boolean;
  /** A health monitor says so: out without a limit, but for panic (G2). */
  unhealthy: boolean;
  /** An operator says so (G3). */
  isolated: boolean;
}

export type MemberVerdict =
  | 'healthy'
  /** Failing, and out. */
  | 'ejected'
  /** Failing, and kept because too many are out (G1). */
  | 'spared'
  | 'unhealthy'
  | 'isolated'
  /** Would be out, and is kept because too few are healthy (G2). */
  | 'panic'
  /** Not a member. */
  | 'unknown';

export interface PoolGuardState {
  readonly mode: PoolMode;
  /** Without the isolated. */
  readonly members: number;
  readonly healthy: number;
  readonly ejected: number;
  readonly isolated: number;
}

export type PoolMode = 'normal' | 'panic';

interface Member {
  condition: MemberCondition;
  verdict: MemberVerdict;
  /** Rank among the failing: who began first is ejected first. */
  failingSince: number;
  breaker: CircuitBreaker | undefined;
  unwatch: Disposer | undefined;
}

const HEALTHY: MemberCondition = { failing: false, unhealthy: false, isolated: false };

export class PoolGuard {
  readonly #maxEjectedRatio: number;
  readonly #minEjectable: number;
  readonly #panicBelowRatio: number;
  readonly #members = new Map<string, Member>();
  readonly #modes: EventSource<PoolMode>;
  #failures = 0;
  #state: PoolGuardState = { mode: 'normal', members: 0, healthy: 0, ejected: 0, isolated: 0 };

  /** @throws RangeError with name, bounds and value. */
  constructor(options: Partial<PoolGuardOptions> = {}) {
    this.#maxEjectedRatio = inRange('maxEjectedRatio', options.maxEjectedRatio ?? 0.3, 0, 1);
    this.#minEjectable = wholeInRange('minEjectable', options.minEjectable ?? 1, 0, 1_000_000);
    this.#panicBelowRatio = inRange('panicBelowRatio', options.panicBelowRatio ?? 0.5, 0, 1);
    this.#modes = new EventSource(options.onListenerError ?? (() => {}));
  }

  /** Adds a member, or sets the whole condition of one. */
  add(id: string, condition: Partial<MemberCondition> = {}): void {
    if (!this.#members.has(id)) {
      const member: Member = {
        condition: HEALTHY,
        verdict: 'healthy',
        failingSince: 0,
        breaker: undefined,
        unwatch: undefined,
      };
      this.#members.set(id, member);
    }
    this.update(id, { ...HEALTHY, ...condition });
  }

  /** Changes what is known of a member; what isn't named stays. An unknown id does nothing. */
  update(id: string, change: Partial<MemberCondition>): void {
    const member = this.#members.get(id);
    if (!member) return;
    const condition = { ...member.condition, ...change };
    if (condition.failing && !member.condition.failing) member.failingSince = ++this.#failures;
    member.condition = condition;
    this.#judge();
  }

  /** Adds a member whose breaker says whether it is failing or isolated. @returns removes it. */
  watch(id: string, breaker: CircuitBreaker): Disposer {
    this.remove(id);
    this.add(id, conditionOf(breaker));
    const member = this.#members.get(id) as Member;
    member.breaker = breaker;
    member.unwatch = breaker.onStateChange(() => this.update(id, conditionOf(breaker)));
    return () => {
      if (this.#members.get(id) === member) this.remove(id);
    };
  }

  remove(id: string): void {
    this.#members.get(id)?.unwatch?.();
    if (this.#members.delete(id)) this.#judge();
  }

  /**
   * Whether frames may go to it, O(1). An ejected member whose watched breaker would admit a probe is allowed: take the
   * permit then. The breaker of a spared member, or of any in panic, may refuse: go ahead without a permit.
   */
  allows(id: string): boolean {
    const member = this.#members.get(id);
    switch (member?.verdict) {
      case 'healthy':
      case 'spared':
      case 'panic':
        return true;
      case 'ejected':
        return member.breaker?.canAcquire() ?? false;
      default:
        return false;
    }
  }

  verdict(id: string): MemberVerdict {
    return this.#members.get(id)?.verdict ?? 'unknown';
  }

  state(): PoolGuardState {
    return this.#state;
  }

  onModeChange(listener: (mode: PoolMode) => void): Disposer {
    return this.#modes.subscribe(listener);
  }

  /** How many may be ejected of a pool of this size. */
  maxEjected(members: number): number {
    const atLeast = Math.min(this.#minEjectable, members - 1);
    return Math.max(0, atLeast, Math.floor(this.#maxEjectedRatio * members + 1e-9));
  }

  /** O(members), on a change of condition only. */
  #judge(): void {
    const pool = [...this.#members.values()].filter((member) => !member.condition.isolated);
    const healthy = pool.filter(({ condition }) => !condition.failing && !condition.unhealthy).length;
    const panic = healthy < this.#panicBelowRatio * pool.length;
    const failing = pool
      .filter(({ condition }) => condition.failing && !condition.unhealthy)
      .sort((a, b) => a.failingSince - b.failingSince);
    const ejected = new Set(panic ? [] : failing.slice(0, this.maxEjected(pool.length)));
    for (const member of this.#members.values()) member.verdict = verdictOn(member, panic, ejected);
    const modeBefore = this.#state.mode;
    this.#state = {
      mode: panic ? 'panic' : 'normal',
      members: pool.length,
      healthy,
      ejected: ejected.size,
      isolated: this.#members.size - pool.length,
    };
    if (this.#state.mode !== modeBefore) this.#modes.emit(this.#state.mode);
  }
}

function verdictOn(member: Member, panic: boolean, ejected: ReadonlySet<Member>): MemberVerdict {
  const { failing, unhealthy, isolated } = member.condition;
  if (isolated) return 'isolated';
  if (!failing && !unhealthy) return 'healthy';
  if (panic) return 'panic';
  if (unhealthy) return 'unhealthy';
  return ejected.has(member) ? 'ejected' : 'spared';
}

function conditionOf(breaker: CircuitBreaker): Partial<MemberCondition> {
  const { stateName } = breaker;
  return {
    failing: stateName === 'open' || stateName === 'half_open',
    isolated: stateName === 'isolated',
  };
}

/** A guard of an empty pool. @throws RangeError with name, bounds and value. */
export function createPoolGuard(options: Partial<PoolGuardOptions> = {}): PoolGuard {
  return new PoolGuard(options);
}
