import type { CameraAdvice } from '@frame-buffer/models';
import type { CaptureTrace, Tracing } from '@frame-buffer/telemetry';
import type { CameraOptions } from './camera-options.ts';
import { createFrameIds } from './frame-record.ts';
import type { CaptureLogger } from './logger.ts';
import { createOccasionalNotice } from './occasional-notice.ts';
import type { Outlet } from './outlet.ts';
import { createPacer } from './pacer.ts';

export interface CameraPublisherOptions {
  readonly camera: CameraOptions;
  readonly outlet: Outlet;
  /** Pictures handed to the outlet and not settled. */
  readonly maxInFlight: number;
  /** Begins the trace of a frame. */
  readonly trace: Tracing['captured'];
  readonly logger: CaptureLogger;
  readonly clock: () => number;
}

export interface PublishedCounts {
  /** Records in the input stream. */
  readonly published: number;
  /** Pictures that never became a frame, because as many as allowed were waiting for Redis or the disk. */
  readonly skipped: number;
  /** Pictures left out because an orchestrator advised a lower rate. */
  readonly leftOut: number;
  /** Pictures that Redis or the disk refused, or whose fate is unknown because the capture ended first. */
  readonly failed: number;
}

export interface CameraPublisher {
  /** Takes a picture or skips it; never waits and never throws. */
  offer(jpeg: Buffer): void;
  /** Keeps to what an orchestrator advises; undefined: nothing. */
  advise(advice: CameraAdvice | undefined): void;
  counts(): PublishedCounts;
  /** Waits until everything in flight is settled. */
  settled(): Promise<void>;
  /** Says what was not said, and counts what is still in flight as failed. */
  close(): void;
}

/** While pictures are skipped or refused, a line in so many ms. */
const NOTICE_INTERVAL_MS = 10_000;
/** A change of the advised rate by more than this share is said. */
const SAID_CHANGE = 0.25;

/**
 * Makes frames of a camera's pictures. A picture that can't be taken is dropped here, *before* it has a record: it is a picture
 * not captured, counted and said, and never a frame lost.
 */
export function createCameraPublisher(options: CameraPublisherOptions): CameraPublisher {
  const { camera, outlet, maxInFlight, logger, clock } = options;
  const { cameraId } = camera;
  const nextFrameId = createFrameIds(cameraId, clock());
  const inFlight = new Map<Promise<void>, CaptureTrace>();
  let published = 0;
  let skipped = 0;
  let leftOut = 0;
  let failed = 0;
  const pacer = createPacer();
  /** As last said; Infinity: all pictures are taken. */
  let saidPerSecond = Infinity;
  let lastReason = '';
  let closed = false;

  const skips = createOccasionalNotice({
    intervalMs: NOTICE_INTERVAL_MS,
    clock,
    say: (times) =>
      logger.warn(`${pictures(times)} of ${cameraId} not captured: ${maxInFlight} are waiting to be stored`, {
        camera_id: cameraId,
        skipped: times,
      }),
  });
  const failures = createOccasionalNotice({
    intervalMs: NOTICE_INTERVAL_MS,
    clock,
    say: (times) =>
      logger.warn(`${pictures(times)} of ${cameraId} could not be stored: ${lastReason}`, {
        camera_id: cameraId,
        failed: times,
      }),
  });

  const failedWith = (error: unknown): void => {
    if (closed) return;
    failed += 1;
    lastReason = error instanceof Error ? error.message : String(error);
    failures.count();
  };

  return {
    offer(jpeg) {
      if (closed) return;
      if (!pacer.take(clock())) {
        leftOut += 1;
        return;
      }
      if (inFlight.size >= maxInFlight) {
        skipped += 1;
        skips.count();
        return;
      }
      const frameId = nextFrameId();
      const trace = options.trace({
        frame_id: frameId,
        camera_id: cameraId,
        priority: String(camera.priority),
      });
      const publishing = outlet
        .publish({ frameId, camera, jpeg, receivedAtMs: clock(), traceparent: trace.traceparent })
        .then(
          () => {
            trace.end();
            if (!closed) published += 1;
          },
          (error: unknown) => {
            trace.end(error);
            failedWith(error);
          },
        )
        .finally(() => inFlight.delete(publishing));
      inFlight.set(publishing, trace);
    },
    advise(advice) {
      const perSecond = advice?.frames_per_second ?? Infinity;
      pacer.limit(perSecond, clock());
      if (!isWorthSaying(saidPerSecond, perSecond)) return;
      saidPerSecond = perSecond;
      const fields = { camera_id: cameraId, frames_per_second: advice?.frames_per_second ?? null };
      if (perSecond === Infinity) logger.info(`${cameraId} may send all of its pictures again`, fields);
      else
        logger.warn(
          `${cameraId} is advised ${perSecond} pictures a second${advice?.limited_by ? ` by ${advice.limited_by}` : ''}: others are left out`,
          fields,
        );
    },
    counts: () => ({ published, skipped, leftOut, failed }),
    async settled() {
      while (inFlight.size > 0) await Promise.all(inFlight.keys());
    },
    close() {
      if (closed) return;
      if (inFlight.size > 0) {
        failed += inFlight.size;
        lastReason = 'the capture ended first';
        // Redis may have the record all the same: what is recorded of its frame must not be left without this root.
        for (const trace of inFlight.values()) trace.end(lastReason);
        failures.count(inFlight.size);
      }
      skips.flush();
      failures.flush();
      closed = true;
    },
  };
}

/** The advice follows the load in small steps: one line for each that matters. */
function isWorthSaying(said: number, now: number): boolean {
  if (said === Infinity || now === Infinity) return said !== now;
  return Math.abs(now - said) > SAID_CHANGE * said;
}

const pictures = (count: number): string => `${count} picture${count === 1 ? '' : 's'}`;
