import type { CallCounts } from './trip-rule.ts';

/** What a breaker is in; each state carries only its own data. */
export type BreakerState = ClosedState | OpenState | HalfOpenState | IsolatedState;
export type StateName = BreakerState['name'];

/** Calls go through and are counted. */
export interface ClosedState {
  readonly name: 'closed';
  /** How long it has been in this state. */
  readonly forMs: number;
  /** What the trip rule remembers. */
  readonly counts: CallCounts;
}

/** Calls are refused until `retryAfterMs` has passed; the next one after that is a probe. */
export interface OpenState {
  readonly name: 'open';
  readonly forMs: number;
  readonly retryAfterMs: number;
  /** Times in a row that it opened, this one included. */
  readonly opens: number;
  readonly cause: OpenCause;
}

/** A few probes are let through; they decide. */
export interface HalfOpenState {
  readonly name: 'half_open';
  readonly forMs: number;
  readonly probesInFlight: number;
  readonly successes: number;
  readonly successesToClose: number;
}

/** Taken out by hand; only `restore` or `reset` ends it. */
export interface IsolatedState {
  readonly name: 'isolated';
  readonly forMs: number;
  readonly reason: string;
}

export type OpenCause =
  /** The trip rule said so. */
  | 'tripped'
  /** A probe failed, or was slow. */
  | 'probe_failed'
  /** A probe gave no result in time. */
  | 'probe_expired';

export type StateChangeCause =
  OpenCause | 'open_time_over' | 'probes_succeeded' | 'isolated' | 'restored' | 'reset';

export interface StateChange {
  readonly from: StateName;
  readonly to: StateName;
  readonly cause: StateChangeCause;
}

/** What became of a call. `ignored`: it says nothing about the other side (the caller gave up, its input was bad). */
export type Verdict = 'success' | 'failure' | 'ignored';
