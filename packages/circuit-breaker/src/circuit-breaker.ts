/*
 * A circuit breaker whose hot path is synchronous and allocates nothing. The names of the states are Nygard's (Release It!);
 * counted windows and slow calls follow resilience4j, eras follow gobreaker's generations. Invariants:
 *
 *  I1  A permit is given in closed, or in half-open while a slot is free; never in open or isolated.
 *  I2  Every state change starts a new era. A result whose permit is of another era changes nothing but `late`.
 *  I3  A probe ends: by its result, or by its deadline. No timer: every call first applies what time has brought about,
 *      as of the moment when it came about.
 *  I4  Time never goes back (SteadyClock).
 *  I5  Listeners are told when the change is complete; what they throw reaches nobody.
 */
import { type CircuitBreakerOptions, completeBreakerOptions } from './breaker-options.ts';
import { type BreakerCounters, zeroCounters } from './breaker-counters.ts';
import type {
  BreakerState,
  OpenCause,
  StateChange,
  StateChangeCause,
  StateName,
  Verdict,
} from './breaker-state.ts';
import { EventSource, type Subscribe } from './event-source.ts';
import { type Executed, type ExecuteOptions, executeThrough } from './execute.ts';
import { OpenDurations } from './open-duration.ts';
import { FIRST_ERA, NO_TOKEN, type Permit, REFUSED, eraOf, nextEra, permitOf, tokenOf } from './permit.ts';
import { ProbeSlots } from './probe-slots.ts';
import { SteadyClock } from './steady-clock.ts';
import type { TripRule } from './trip-rule.ts';

/** Equals no permit, nor what might be taken for one. */
const NO_PERMIT = -(2 ** 30);

export class CircuitBreaker {
  readonly #options: CircuitBreakerOptions;
  readonly #clock: SteadyClock;
  readonly #rule: TripRule;
  readonly #durations: OpenDurations;
  readonly #probes: ProbeSlots;
  readonly #counters = zeroCounters();
  readonly #listenerErrors = (error: unknown): void => {
    this.#counters.listenerErrors++;
    this.#options.onListenerError(error);
  };
  readonly #changes = new EventSource<StateChange>(this.#listenerErrors);
  readonly #refusals = new EventSource<StateName>(this.#listenerErrors);
  readonly #lates = new EventSource<Verdict>(this.#listenerErrors);

  readonly onStateChange: Subscribe<StateChange> = this.#changes.subscribe;
  /** A call was refused, in the named state. */
  readonly onRefused: Subscribe<StateName> = this.#refusals.subscribe;
  /** A result came that no longer counts. */
  readonly onLate: Subscribe<Verdict> = this.#lates.subscribe;

  #name: StateName = 'closed';
  #era = FIRST_ERA;
  /** What every call of the present closed era is given, so that the hot path is one comparison. */
  #closedPermit = permitOf(FIRST_ERA, NO_TOKEN);
  #sinceMs = 0;
  #retryAtMs = 0;
  #openCause: OpenCause = 'tripped';
  #successes = 0;
  #isolationReason = '';

  /** @throws RangeError with name, bounds and value. */
  constructor(options: Partial<CircuitBreakerOptions> = {}) {
    this.#options = completeBreakerOptions(options);
    this.#clock = new SteadyClock(this.#options.clock);
    this.#rule = this.#options.trip(this.#clock);
    this.#durations = new OpenDurations(this.#options, this.#options.rng);
    this.#probes = new ProbeSlots(this.#options.halfOpenPermits);
  }

  /** Asks for leave to make one call. @returns a permit to settle once, or `REFUSED`; never queues, never throws. */
  tryAcquire(): Permit {
    if (this.#closedPermit !== NO_PERMIT) {
      this.#counters.admitted++;
      return this.#closedPermit;
    }
    return this.#tryAcquireProbe();
  }

  /** Whether `tryAcquire` would give a permit now; takes none. */
  canAcquire(): boolean {
    if (this.#closedPermit !== NO_PERMIT) return true;
    if (this.#name === 'isolated') return false;
    const nowMs = this.#clock.now();
    this.#expireProbes(nowMs);
    return this.#name === 'half_open' ? !this.#probes.full : nowMs >= this.#retryAtMs;
  }

  /** @returns whether the result counted; false for `REFUSED` and for a late one. */
  succeed(permit: Permit, durationMs = 0): boolean {
    const slow = durationMs > this.#options.slowCallMs;
    if (permit !== this.#closedPermit) return this.#settleProbe(permit, 'success', slow);
    this.#recordClosed(false, slow);
    return true;
  }

  /** @returns whether the result counted; false for `REFUSED` and for a late one. */
  fail(permit: Permit, durationMs = 0): boolean {
    const slow = durationMs > this.#options.slowCallMs;
    if (permit !== this.#closedPermit) return this.#settleProbe(permit, 'failure', slow);
    this.#recordClosed(true, slow);
    return true;
  }

  /** Gives the permit back without a verdict: the call says nothing about the other side. */
  ignore(permit: Permit): boolean {
    if (permit !== this.#closedPermit) return this.#settleProbe(permit, 'ignored', false);
    this.#counters.ignored++;
    return true;
  }

  /** A success seen beside the calls (a health probe). Counts in closed and in half-open; nothing otherwise. */
  recordSuccess(): void {
    this.#recordBeside(false);
  }

  /** A failure seen beside the calls (a health probe, a queue nobody reads). Counts in closed and in half-open. */
  recordFailure(): void {
    this.#recordBeside(true);
  }

  /**
   * Calls `fn` if there is leave, and settles by its outcome; see {@link ExecuteOptions}.
   * @returns the value, or the refusal with its reason. Rejects with what `fn` threw, or with the signal's reason.
   */
  execute<T>(
    fn: (context: { signal: AbortSignal | undefined }) => T | PromiseLike<T>,
    options: Partial<ExecuteOptions<T>> = {},
  ): Promise<Executed<T>> {
    return executeThrough(this, this.#clock, fn, options);
  }

  /** How long it makes no sense to ask again: 0 if a call may go through now, Infinity while isolated. */
  retryAfterMs(): number {
    if (this.#name === 'closed') return 0;
    if (this.#name === 'isolated') return Infinity;
    const nowMs = this.#clock.now();
    this.#expireProbes(nowMs);
    if (this.#name === 'open') return Math.max(0, this.#retryAtMs - nowMs);
    return this.#probes.full ? this.#probes.earliestDeadlineMs() - nowMs : 0;
  }

  get stateName(): StateName {
    if (this.#name === 'half_open') this.#expireProbes(this.#clock.now());
    return this.#name;
  }

  state(): BreakerState {
    const nowMs = this.#clock.now();
    this.#expireProbes(nowMs);
    const forMs = nowMs - this.#sinceMs;
    switch (this.#name) {
      case 'closed':
        return { name: 'closed', forMs, counts: this.#rule.counts() };
      case 'open': {
        const retryAfterMs = Math.max(0, this.#retryAtMs - nowMs);
        return { name: 'open', forMs, retryAfterMs, opens: this.#durations.opens, cause: this.#openCause };
      }
      case 'half_open':
        return {
          name: 'half_open',
          forMs,
          probesInFlight: this.#probes.inFlight,
          successes: this.#successes,
          successesToClose: this.#options.successesToClose,
        };
      case 'isolated':
        return { name: 'isolated', forMs, reason: this.#isolationReason };
    }
  }

  counters(): BreakerCounters {
    return { ...this.#counters };
  }

  /** Takes it out by hand: every call is refused until `restore` or `reset`. */
  isolate(reason = 'isolated by hand'): void {
    this.#isolationReason = reason;
    if (this.#name !== 'isolated') this.#enter('isolated', 'isolated', this.#clock.now());
  }

  /** Ends an isolation; a probe decides what comes next. Does nothing in another state. */
  restore(): void {
    if (this.#name !== 'isolated') return;
    this.#enter('half_open', 'restored', this.#clock.now());
  }

  /** Closed and as new, whatever it was; only the counters stay. */
  reset(): void {
    const nowMs = this.#clock.now();
    this.#durations.reset(nowMs);
    this.#rule.reset();
    this.#enter('closed', 'reset', nowMs);
  }

  #tryAcquireProbe(): Permit {
    const permit = this.#name === 'isolated' ? REFUSED : this.#probe(this.#clock.now());
    if (permit !== REFUSED) {
      this.#counters.admitted++;
    } else {
      this.#counters.refused++;
      this.#refusals.emit(this.#name);
    }
    return permit;
  }

  #probe(nowMs: number): Permit {
    this.#expireProbes(nowMs);
    if (this.#name === 'open' && nowMs >= this.#retryAtMs) this.#enter('half_open', 'open_time_over', nowMs);
    if (this.#name !== 'half_open') return REFUSED;
    const token = this.#probes.acquire(nowMs + this.#options.probeTimeoutMs);
    return token === NO_TOKEN ? REFUSED : permitOf(this.#era, token);
  }

  #recordClosed(failed: boolean, slow: boolean): void {
    if (failed) this.#counters.failed++;
    else this.#counters.succeeded++;
    if (slow) this.#counters.slow++;
    if (!this.#rule.record(failed, slow)) return;
    const nowMs = this.#clock.now();
    this.#durations.tripped(nowMs);
    this.#open('tripped', nowMs);
  }

  #settleProbe(permit: Permit, verdict: Verdict, slow: boolean): boolean {
    if (permit < 0) return false;
    if (this.#name === 'half_open') {
      const nowMs = this.#clock.now();
      this.#expireProbes(nowMs);
      if (eraOf(permit) === this.#era && this.#probes.release(tokenOf(permit))) {
        if (verdict === 'ignored') this.#counters.ignored++;
        else this.#judgeProbe(verdict === 'failure', slow, nowMs);
        return true;
      }
    }
    this.#counters.late++;
    this.#lates.emit(verdict);
    return false;
  }

  #recordBeside(failed: boolean): void {
    if (this.#name === 'closed') {
      this.#recordClosed(failed, false);
    } else if (this.#name === 'half_open') {
      const nowMs = this.#clock.now();
      this.#expireProbes(nowMs);
      if (this.#name === 'half_open') this.#judgeProbe(failed, false, nowMs);
    }
  }

  #judgeProbe(failed: boolean, slow: boolean, nowMs: number): void {
    if (failed) this.#counters.failed++;
    else this.#counters.succeeded++;
    if (slow) this.#counters.slow++;
    if (failed || slow) {
      this.#open('probe_failed', nowMs);
    } else if (++this.#successes >= this.#options.successesToClose) {
      this.#durations.closed(nowMs);
      this.#rule.reset();
      this.#enter('closed', 'probes_succeeded', nowMs);
    }
  }

  /** I3: a probe without a result at its deadline failed then, not when someone looks. */
  #expireProbes(nowMs: number): void {
    if (this.#name !== 'half_open') return;
    const deadlineMs = this.#probes.earliestDeadlineMs();
    if (nowMs < deadlineMs) return;
    this.#counters.probesExpired += this.#probes.expiredBy(nowMs);
    this.#open('probe_expired', deadlineMs);
  }

  #open(cause: OpenCause, atMs: number): void {
    this.#counters.opened++;
    this.#openCause = cause;
    this.#retryAtMs = atMs + this.#durations.next();
    this.#enter('open', cause, atMs);
  }

  /** I2. Last in whatever causes it, because listeners may call back (I5). */
  #enter(to: StateName, cause: StateChangeCause, atMs: number): void {
    const from = this.#name;
    this.#name = to;
    this.#sinceMs = atMs;
    this.#era = nextEra(this.#era);
    this.#closedPermit = to === 'closed' ? permitOf(this.#era, NO_TOKEN) : NO_PERMIT;
    this.#probes.clear();
    this.#successes = 0;
    this.#changes.emit({ from, to, cause });
  }
}

/** A breaker, closed. @throws RangeError with name, bounds and value. */
export function createCircuitBreaker(options: Partial<CircuitBreakerOptions> = {}): CircuitBreaker {
  return new CircuitBreaker(options);
}
