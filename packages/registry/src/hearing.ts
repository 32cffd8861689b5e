import { MAX_LEASE_MS } from '@frame-buffer/models';

/**
 * Remembers when nobody could be heard: before the start, and in gaps between two looks, in which Redis was away or this process
 * stood still. Whoever was silent in such a time can't be blamed for it.
 */
export interface Hearing {
  /** To be called at every look, before it and after it. */
  look(nowMs: number): void;
  /** Whether the whole of a lease could be heard. */
  couldHear(leaseMs: number, nowMs: number): boolean;
}

/** Looks come about twice a second; two that lie further apart than this have a gap between them. */
const SHORTEST_GAP_MS = 1_000;
/** A processor sends three heartbeats within its lease, so it survives a gap shorter than one of them. */
const BEATS_PER_LEASE = 3;

export function createHearing(startMs: number): Hearing {
  const deafUntilNow = (nowMs: number) => [{ untilMs: nowMs, lengthMs: Number.POSITIVE_INFINITY }];
  let gaps = deafUntilNow(startMs);
  let lastMs = startMs;
  return {
    look(nowMs) {
      const lengthMs = nowMs - lastMs;
      lastMs = nowMs;
      // A clock that is set back tells nothing about the time before.
      if (lengthMs < 0) gaps = deafUntilNow(nowMs);
      if (lengthMs <= SHORTEST_GAP_MS) return;
      gaps = gaps.filter(({ untilMs }) => nowMs - untilMs < MAX_LEASE_MS);
      gaps.push({ untilMs: nowMs, lengthMs });
    },
    couldHear: (leaseMs, nowMs) =>
      !gaps.some(
        ({ untilMs, lengthMs }) => lengthMs > leaseMs / BEATS_PER_LEASE && nowMs - untilMs < leaseMs,
      ),
  };
}
