/** A frame that took this long is worth a trace, sampled or not: forty times the p99 that the design asks for. */
export const DEFAULT_SLOW_FRAME_MS = 600;
/** In an overload every frame is slow: recording them all would make it worse. */
export const DEFAULT_LATE_TRACES_PER_SECOND = 20;

export interface LateRecordingOptions {
  /** Frames at least this long here are recorded though head sampling left them out. Infinity: none. */
  slowFrameMs: number;
  /** Bound on the traces recorded after the fact, of errors and slow frames together. 0: none. */
  lateTracesPerSecond: number;
}

/** Decides at a frame's end whether a trace that wasn't sampled is recorded after all. */
export interface LateRecording {
  readonly enabled: boolean;
  /** Takes from the budget where the answer is a reason. */
  reasonFor(error: unknown, elapsedMs: number): 'error' | 'slow' | undefined;
}

export const noLateRecording: LateRecording = { enabled: false, reasonFor: () => undefined };

/** @param nowMs monotonic */
export function lateRecording(
  { slowFrameMs, lateTracesPerSecond }: LateRecordingOptions,
  nowMs: () => number,
): LateRecording {
  let tokens = lateTracesPerSecond;
  let filledAtMs = nowMs();
  const takeToken = (): boolean => {
    const now = nowMs();
    tokens = Math.min(lateTracesPerSecond, tokens + ((now - filledAtMs) / 1000) * lateTracesPerSecond);
    filledAtMs = now;
    if (tokens < 1) return false;
    tokens--;
    return true;
  };
  return {
    enabled: lateTracesPerSecond > 0,
    reasonFor(error, elapsedMs) {
      const reason = error !== undefined ? 'error' : elapsedMs >= slowFrameMs ? 'slow' : undefined;
      return reason !== undefined && takeToken() ? reason : undefined;
    },
  };
}
