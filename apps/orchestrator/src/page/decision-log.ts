import type { RouteRequest } from '@frame-buffer/router';
import type { DispatchPlan } from '../dispatch-plan.ts';
import type { HeldFrame } from '../waiting-room.ts';

/** Why a frame went where it went, or was given up. */
export interface LoggedDecision {
  readonly frameId: string;
  readonly asked: RouteRequest;
  /** undefined: it was shed. */
  readonly processorId: string | undefined;
  /** Of the decision, or of the shedding policy. */
  readonly reason: string;
  /** Outstanding frames of the processor when it was chosen. */
  readonly load: number;
  readonly attempt: number;
  /** What the router recalls the candidates by. */
  readonly moment: number;
  /** ms since the epoch. */
  readonly atMs: number;
  /** How long it was held here: read, but without a processor with credit. */
  readonly waitedMs: number;
}

/** The last decisions of this orchestrator. Adding makes no object; finding one looks at all. */
export interface DecisionLog {
  readonly kept: number;
  handedOff(plan: DispatchPlan, nowMs: number): void;
  shed(held: HeldFrame, reason: string, moment: number, nowMs: number): void;
  of(frameId: string): LoggedDecision[];
}

/** Some minutes at 100 frames/s, and 112 bytes each beside the ids of frame and camera: about six megabytes. */
export const DECISIONS_KEPT = 32_768;

/** A list for each figure, in turns: an object for each decision would live long enough to be the garbage collector's main work. */
export function createDecisionLog(kept = DECISIONS_KEPT): DecisionLog {
  const texts = (): (string | undefined)[] => new Array<string | undefined>(kept);
  const frameIds = texts();
  const capabilities = texts();
  const cameraIds = texts();
  const formats = texts();
  const avoided = texts();
  const processorIds = texts();
  const reasons = texts();
  /** NaN: not known. */
  const widths = new Float64Array(kept);
  const heights = new Float64Array(kept);
  const loads = new Float64Array(kept);
  const attempts = new Float64Array(kept);
  const moments = new Float64Array(kept);
  const times = new Float64Array(kept);
  const waits = new Float64Array(kept);
  let next = 0;

  function add(
    { frame, avoid, readAtMs }: HeldFrame,
    capability: string | undefined,
    processorId: string | undefined,
    reason: string,
    load: number,
    moment: number,
    nowMs: number,
  ): void {
    frameIds[next] = frame.frameId;
    capabilities[next] = capability;
    cameraIds[next] = frame.cameraId;
    formats[next] = frame.format;
    avoided[next] = avoid;
    processorIds[next] = processorId;
    reasons[next] = reason;
    widths[next] = frame.width ?? Number.NaN;
    heights[next] = frame.height ?? Number.NaN;
    loads[next] = load;
    attempts[next] = frame.attempt;
    moments[next] = moment;
    times[next] = nowMs;
    waits[next] = performance.now() - readAtMs;
    next = (next + 1) % kept;
  }

  const at = (i: number): LoggedDecision => ({
    frameId: frameIds[i] as string,
    asked: {
      capability: capabilities[i],
      cameraId: cameraIds[i] as string,
      format: formats[i],
      width: known(widths[i]),
      height: known(heights[i]),
      avoid: avoided[i],
    },
    processorId: processorIds[i],
    reason: reasons[i] as string,
    load: loads[i] as number,
    attempt: attempts[i] as number,
    moment: moments[i] as number,
    atMs: times[i] as number,
    waitedMs: waits[i] as number,
  });

  return {
    kept,
    handedOff({ held, copies }, nowMs) {
      for (const { capability, decision, moment } of copies)
        add(held, capability, decision.processorId, decision.reason, decision.load, moment, nowMs);
    },
    shed(held, reason, moment, nowMs) {
      for (const capability of held.wanted) add(held, capability, undefined, reason, 0, moment, nowMs);
    },
    of: (frameId) =>
      frameIds.flatMap((id, i) => (id === frameId ? [at(i)] : [])).toSorted((a, b) => a.atMs - b.atMs),
  };
}

const known = (figure: number | undefined): number | undefined => (Number.isNaN(figure) ? undefined : figure);
