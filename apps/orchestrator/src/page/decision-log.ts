import type { DispatchPlan } from '../dispatch-plan.ts';

/** Why a frame went where it went. */
export interface LoggedDecision {
  readonly frameId: string;
  readonly capability: string | undefined;
  readonly processorId: string;
  readonly reason: string;
  /** Outstanding frames of the processor when it was chosen. */
  readonly load: number;
  readonly attempt: number;
  /** ms since the epoch. */
  readonly atMs: number;
  /** How long it was held here: read, but without a processor with credit. */
  readonly waitedMs: number;
}

/** The last decisions of this orchestrator. Adding costs the hot path one array slot; finding one looks at all. */
export interface DecisionLog {
  add(plan: DispatchPlan, nowMs: number): void;
  of(frameId: string): LoggedDecision[];
}

/** Some minutes at 100 frames/s, and a few megabytes. */
const KEPT = 32_768;

export function createDecisionLog(kept = KEPT): DecisionLog {
  const ring: LoggedDecision[] = [];
  let next = 0;
  return {
    add({ held: { frame, readAtMs }, copies }, nowMs) {
      const waitedMs = performance.now() - readAtMs;
      for (const { capability, decision } of copies) {
        ring[next] = {
          frameId: frame.frameId,
          capability,
          processorId: decision.processorId,
          reason: decision.reason,
          load: decision.load,
          attempt: frame.attempt,
          atMs: nowMs,
          waitedMs,
        };
        next = (next + 1) % kept;
      }
    },
    of: (frameId) =>
      ring.filter((decision) => decision.frameId === frameId).toSorted((a, b) => a.atMs - b.atMs),
  };
}
