import { compare, type Motion, type Picture, readPicture } from './motion.ts';

/** Tells what moved since the camera's previous picture. */
export interface MotionDetector {
  /**
   * @param jpeg the picture, or its promise: its place in the order is taken with the call
   * @param signal gives the place up
   * @throws UnreadablePictureError, what `jpeg` rejects with, or the signal's reason
   */
  detect(
    cameraId: string,
    capturedAtMs: number,
    jpeg: Buffer | Promise<Buffer>,
    signal?: AbortSignal,
  ): Promise<Motion>;
}

interface Camera {
  last: Picture | undefined;
  capturedAtMs: number;
  /** Fulfilled when the picture before has had its turn. */
  turn: Promise<unknown>;
}

/** Cameras whose last picture is kept; the one unseen for longest goes first. */
const MAX_CAMERAS = 1_000;

/**
 * One camera's pictures are compared in the order in which `detect` is called. A picture older than the last one (a retry that
 * comes late) is compared, but doesn't take its place.
 */
export function createMotionDetector(maxCameras: number = MAX_CAMERAS): MotionDetector {
  /** The one seen last stands last. */
  const cameras = new Map<string, Camera>();

  function cameraOf(cameraId: string): Camera {
    const camera = cameras.get(cameraId) ?? {
      last: undefined,
      capturedAtMs: Number.NEGATIVE_INFINITY,
      turn: Promise.resolve(),
    };
    cameras.delete(cameraId);
    cameras.set(cameraId, camera);
    if (cameras.size > maxCameras) cameras.delete(cameras.keys().next().value as string);
    return camera;
  }

  return {
    async detect(cameraId, capturedAtMs, jpeg, signal) {
      const camera = cameraOf(cameraId);
      // Fetching and decoding run beside those of other pictures; comparing waits for its turn.
      const decoded = untilAborted(Promise.resolve(jpeg).then(readPicture), signal);
      decoded.catch(() => {}); // It may fail before its turn comes.
      const compared = camera.turn.then(async () => {
        const picture = await decoded;
        const motion = compare(camera.last, picture);
        if (capturedAtMs >= camera.capturedAtMs) {
          camera.last = picture;
          camera.capturedAtMs = capturedAtMs;
        }
        return motion;
      });
      camera.turn = compared.catch(() => {});
      return compared;
    },
  };
}

/** A picture that never comes must not hold up those after it. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work;
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => aborted.reject(signal.reason);
  if (signal.aborted) onAbort();
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
