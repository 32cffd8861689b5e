/** Leaves pictures of one camera out, evenly, so that no more than so many a second remain. */
export interface Pacer {
  /** Whether this picture may go. */
  take(nowMs: number): boolean;
  /** @param framesPerSecond Infinity: all */
  limit(framesPerSecond: number, nowMs: number): void;
}

/** Pictures that come in a bunch after a pause of at most so long are not left out for it. */
const SLACK_SECONDS = 0.5;

/** A token bucket: each picture that goes takes one, and so many come in a second. */
export function createPacer(): Pacer {
  let perSecond = Infinity;
  let tokens = 1;
  let lastMs = 0;

  function refill(nowMs: number): void {
    // A clock that steps back counts as no time.
    const seconds = Math.max(0, nowMs - lastMs) / 1000;
    lastMs = nowMs;
    tokens = Math.min(1 + perSecond * SLACK_SECONDS, tokens + seconds * perSecond);
  }

  return {
    take(nowMs) {
      if (perSecond === Infinity) return true;
      refill(nowMs);
      if (tokens < 1) return false;
      tokens--;
      return true;
    },
    limit(framesPerSecond, nowMs) {
      if (perSecond === Infinity) [tokens, lastMs] = [1, nowMs];
      else refill(nowMs);
      perSecond = framesPerSecond;
    },
  };
}
