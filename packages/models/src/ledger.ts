import * as t from 'io-ts';

/**
 * The books at one moment, read in one atomic step. All figures are frames; a frame that asks for several
 * capabilities counts once for each of them from its hand-off on (`fanout` are the copies this adds).
 *
 * captured + fanout = unread + pendingInput + waitingRetry + outstanding + completed + deadLettered + shed + lostUpstream
 * + unaccounted, and `unaccounted` is 0.
 */
export const books = t.type({
  /** Records that publishers added to the input since the books were opened. */
  captured: t.number,
  fanout: t.number,
  /** In the input, not read by an orchestrator yet. */
  unread: t.number,
  /** Read by an orchestrator, not yet handed off. */
  pendingInput: t.number,
  /** Given back and waiting to be handed off again. */
  waitingRetry: t.number,
  /** In work queues: queued and in process. */
  outstanding: t.number,
  completed: t.number,
  /** Now in the dead letter (or deleted from it by hand); those sent again are not counted here. */
  deadLettered: t.number,
  shed: t.number,
  /** Removed from the input by a publisher's own trimming before they were read. */
  lostUpstream: t.number,
  /** What doesn't balance. 0, or something is wrong. */
  unaccounted: t.number,
});
export type Books = t.TypeOf<typeof books>;

/** The right side of the equation, but `unaccounted`. */
export function accountedFor(b: Omit<Books, 'unaccounted'>): number {
  return (
    b.unread +
    b.pendingInput +
    b.waitingRetry +
    b.outstanding +
    b.completed +
    b.deadLettered +
    b.shed +
    b.lostUpstream
  );
}

/** Frames that are neither finished nor lost: still somewhere in the system. */
export function inFlight(b: Omit<Books, 'unaccounted'>): number {
  return b.unread + b.pendingInput + b.waitingRetry + b.outstanding;
}
