/** A frame that took this long is worth a trace, sampled or not: forty times the p99 that the design asks for. */
export const DEFAULT_SLOW_FRAME_MS = 600;
/** In an overload every frame is slow: recording them all would make it worse. */
export const DEFAULT_SLOW_TRACES_PER_SECOND = 20;
/** As good as always; yet a system in which everything fails, or is shed, has better to do than to write that down. */
export const DEFAULT_ERROR_TRACES_PER_SECOND = 200;

export interface LateRecordingOptions {
  /** Frames at least this long here are recorded though head sampling left them out. Infinity: none. */
  slowFrameMs: number;
  /** Bound on the traces of slow frames that are recorded though they weren't sampled. 0: none. */
  slowTracesPerSecond: number;
  /** The same of frames that failed, were shed or became dead letters: slow ones can't crowd them out. */
  errorTracesPerSecond: number;
}

export type LateReason = 'error' | 'slow';

/** Decides whether a trace that head sampling left out is recorded after all. */
export interface LateRecording {
  readonly enabled: boolean;
  /** Takes from the budget where the answer is a reason. */
  reasonFor(error: unknown, elapsedMs: number): LateReason | undefined;
}

export const noLateRecording: LateRecording = { enabled: false, reasonFor: () => undefined };

/** @param nowMs monotonic */
export function lateRecording(options: LateRecordingOptions, nowMs: () => number): LateRecording {
  const { slowFrameMs, slowTracesPerSecond, errorTracesPerSecond } = options;
  const slow = tokenBucket(slowTracesPerSecond, nowMs);
  const errors = tokenBucket(errorTracesPerSecond, nowMs);
  return {
    enabled: errorTracesPerSecond > 0 || slowTracesPerSecond > 0,
    reasonFor(error, elapsedMs) {
      if (error !== undefined && errors()) return 'error';
      return elapsedMs >= slowFrameMs && slow() ? 'slow' : undefined;
    },
  };
}

/** @returns takes one, where there is one; a second's worth may be saved up */
function tokenBucket(perSecond: number, nowMs: () => number): () => boolean {
  let tokens = perSecond;
  let filledAtMs = nowMs();
  return () => {
    const now = nowMs();
    tokens = Math.min(perSecond, tokens + ((now - filledAtMs) / 1000) * perSecond);
    filledAtMs = now;
    if (tokens < 1) return false;
    tokens--;
    return true;
  };
}
