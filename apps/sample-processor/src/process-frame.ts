import { type ProcessFrame, TerminalError } from '@frame-buffer/processor-client';
import { UnreadablePictureError } from './motion.ts';
import type { MotionDetector } from './motion-detector.ts';

export const SAMPLE_PROCESSING = 'sample_processing';
export const MOTION_DETECTION = 'motion_detection';

/**
 * What this processor does for each of its capabilities: motion for `motion_detection`, a plain result for any other.
 * The client adds frame_id, camera_id, processor_id, timestamp, processing_time and the rest that every result carries.
 */
export function createProcessFrame(detector: MotionDetector): ProcessFrame {
  return async (frame, { span, signal }) => {
    const metadata = frame.metadata ?? {};
    if (frame.capability !== MOTION_DETECTION) return { processed: true, metadata };
    const capturedAtMs = frame.capturedAtMs ?? Date.now();
    const { score, region } = await detector
      // The picture is still on its way here: pictures are compared in the order in which their frames came.
      .detect(frame.cameraId, capturedAtMs, frame.image(), signal)
      .catch((cause: unknown) => {
        throw cause instanceof UnreadablePictureError ? new TerminalError(cause.message, { cause }) : cause;
      });
    span.setAttribute('motion.score', score);
    return { processed: true, motion_score: score, motion_region: region ?? null, metadata };
  };
}
