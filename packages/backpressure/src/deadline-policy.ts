import { DISPATCH, SHED_LATE, admitOverOldest } from './decisions.ts';
import { inRange } from './range-check.ts';
import type { SheddingPolicy, WaitingFrame } from './shedding-policy.ts';

export interface DeadlineOptions {
  /** The deadline of a frame that names none: so long after it was published. */
  maxAgeMs: number;
}

/** A result about the world a second ago is late for anything live. */
const DEFAULT_MAX_AGE_MS = 1_000;

/**
 * Sheds at once what can't be done by its deadline: on arrival by the expected wait, at dispatch by the expected service alone. What isn't
 * known counts as no time, so that nothing is shed on a guess. A full room sheds as `drop_oldest`.
 * @throws RangeError with name, bounds and value.
 */
export function deadline(options: Partial<DeadlineOptions> = {}): SheddingPolicy {
  const maxAgeMs = inRange('maxAgeMs', options.maxAgeMs ?? DEFAULT_MAX_AGE_MS, 1, 86_400_000);
  const isLate = (frame: WaitingFrame, doneAtMs: number): boolean =>
    doneAtMs > (frame.deadlineAtMs ?? frame.arrivedAtMs + maxAgeMs);
  return {
    name: 'deadline',
    blocks: false,
    onArrival(frame, room, nowMs) {
      const waitMs = knownMs(room.expectedWaitMs(frame.priority));
      if (isLate(frame, nowMs + waitMs + knownMs(room.expectedServiceMs))) return SHED_LATE;
      return admitOverOldest(frame, room);
    },
    onDispatch: (frame, room, nowMs) =>
      isLate(frame, nowMs + knownMs(room.expectedServiceMs)) ? SHED_LATE : DISPATCH,
  };
}

function knownMs(ms: number): number {
  return ms > 0 ? ms : 0;
}
