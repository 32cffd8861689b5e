export { anyRule } from './any-rule.ts';
export type { BreakerCounters } from './breaker-counters.ts';
export type { CircuitBreakerOptions } from './breaker-options.ts';
export type {
  BreakerState,
  ClosedState,
  HalfOpenState,
  IsolatedState,
  OpenCause,
  OpenState,
  StateChange,
  StateChangeCause,
  StateName,
  Verdict,
} from './breaker-state.ts';
export { createCircuitBreaker, type CircuitBreaker } from './circuit-breaker.ts';
export { consecutiveFailures } from './consecutive-rule.ts';
export { countWindow, type CountWindowOptions } from './count-window.ts';
export type { Disposer, Subscribe } from './event-source.ts';
export type { Executed, ExecuteOptions } from './execute.ts';
export type { OpenDurationOptions } from './open-duration.ts';
export { REFUSED, type Permit } from './permit.ts';
export {
  createPoolGuard,
  type MemberCondition,
  type MemberVerdict,
  type PoolGuard,
  type PoolGuardOptions,
  type PoolGuardState,
  type PoolMode,
} from './pool-guard.ts';
export type { RateLimits } from './rate-limits.ts';
export type { Clock } from './steady-clock.ts';
export { timeWindow, type TimeWindowOptions } from './time-window.ts';
export type { CallCounts, TimeSource, TripRule, TripRuleFactory } from './trip-rule.ts';
