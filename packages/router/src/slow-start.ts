import type { Candidate } from './processor.ts';
import type { RouterOptions } from './router-options.ts';

/**
 * Newcomers take their share step by step (Envoy's slow start): the least loaded is whoever has just come, and without this it would
 * get every frame at once, while its model still loads. Its warmth rises from a tenth to 1.
 */
export interface SlowStart {
  /** It came, or came back. */
  begin(candidate: Candidate): void;
  forget(candidate: Candidate): void;
  /** Brings those that warm up on; costs nothing where there are none. */
  advance(): void;
}

const FIRST_WARMTH = 0.1;
const STEPS = 20;

/** @param onWarmer takes its new warmth over */
export function createSlowStart(
  { clock, slowStartMs }: Pick<RouterOptions, 'clock' | 'slowStartMs'>,
  onWarmer: (candidate: Candidate, warmth: number) => void,
): SlowStart {
  const sinceMs = new Map<Candidate, number>();
  const stepMs = slowStartMs / STEPS;
  let steppedAtMs = Number.NEGATIVE_INFINITY;

  return {
    begin(candidate) {
      if (slowStartMs === 0) return;
      candidate.warmth = FIRST_WARMTH;
      sinceMs.set(candidate, clock());
    },
    forget: (candidate) => void sinceMs.delete(candidate),
    advance() {
      if (sinceMs.size === 0) return;
      const nowMs = clock();
      if (nowMs >= steppedAtMs && nowMs - steppedAtMs < stepMs) return;
      steppedAtMs = nowMs;
      for (const [candidate, since] of sinceMs) {
        // A clock that steps back must not keep a processor cold for longer.
        const share = nowMs < since ? 1 : (nowMs - since) / slowStartMs;
        const warmth = Math.min(1, FIRST_WARMTH + (1 - FIRST_WARMTH) * share);
        if (warmth === 1) sinceMs.delete(candidate);
        onWarmer(candidate, warmth);
      }
    },
  };
}
