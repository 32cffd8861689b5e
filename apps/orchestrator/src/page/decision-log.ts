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

/** The last decisions of this orchestrator. Adding makes no object; finding one looks at all. */
export interface DecisionLog {
  add(plan: DispatchPlan, nowMs: number): void;
  of(frameId: string): LoggedDecision[];
}

/** Some minutes at 100 frames/s, and a few megabytes. */
const KEPT = 32_768;

/** A list for each figure, in turns: an object for each decision would live long enough to be the garbage collector's main work. */
export function createDecisionLog(kept = KEPT): DecisionLog {
  const texts = (): (string | undefined)[] => new Array<string | undefined>(kept);
  const frameIds = texts();
  const capabilities = texts();
  const processorIds = texts();
  const reasons = texts();
  const loads = new Float64Array(kept);
  const attempts = new Float64Array(kept);
  const moments = new Float64Array(kept);
  const waits = new Float64Array(kept);
  let next = 0;

  const at = (i: number): LoggedDecision => ({
    frameId: frameIds[i] as string,
    capability: capabilities[i],
    processorId: processorIds[i] as string,
    reason: reasons[i] as string,
    load: loads[i] as number,
    attempt: attempts[i] as number,
    atMs: moments[i] as number,
    waitedMs: waits[i] as number,
  });

  return {
    add({ held: { frame, readAtMs }, copies }, nowMs) {
      const waitedMs = performance.now() - readAtMs;
      for (const { capability, decision } of copies) {
        frameIds[next] = frame.frameId;
        capabilities[next] = capability;
        processorIds[next] = decision.processorId;
        reasons[next] = decision.reason;
        loads[next] = decision.load;
        attempts[next] = frame.attempt;
        moments[next] = nowMs;
        waits[next] = waitedMs;
        next = (next + 1) % kept;
      }
    },
    of: (frameId) =>
      frameIds.flatMap((id, i) => (id === frameId ? [at(i)] : [])).toSorted((a, b) => a.atMs - b.atMs),
  };
}
