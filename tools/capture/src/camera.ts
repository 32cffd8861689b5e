import { backoffMs } from './backoff.ts';
import type { CameraOptions } from './camera-options.ts';
import type { FfmpegOutcome } from './ffmpeg-run.ts';
import type { CaptureLogger } from './logger.ts';
import { sourceText } from './source.ts';

/** `connecting` until the first picture of a run, `retrying` while waiting for the next attempt, `ended` for good. */
export type CameraState = 'connecting' | 'capturing' | 'retrying' | 'ended';

export interface CameraStatus {
  readonly state: CameraState;
  /** How often it was started again. */
  readonly restarts: number;
  /** Why it is retrying. */
  readonly reason: string | undefined;
}

export interface CameraDeps {
  /** Decodes until the source ends, fails or isn't wanted any more. */
  readonly decode: (onPicture: (jpeg: Buffer) => void, signal: AbortSignal) => Promise<FfmpegOutcome>;
  readonly onPicture: (jpeg: Buffer) => void;
  /** Resolves after this time, or at once with the signal. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly logger: CaptureLogger;
  readonly clock: () => number;
  readonly rng: () => number;
}

export interface Camera {
  /** Resolves when a file has come to its end, or with the signal. Never rejects. */
  run(signal: AbortSignal): Promise<void>;
  status(): CameraStatus;
}

/** A run this long was not a failed attempt: the next trouble starts with a short wait again. */
const STABLE_MS = 10_000;

/**
 * Keeps one camera going: a source that fails, stalls or ends where it has no end is tried again for ever, with backoff. Said
 * once when it goes, once for each new reason, and once when it is back.
 */
export function createCamera(camera: CameraOptions, deps: CameraDeps): Camera {
  const { decode, onPicture, pause, logger, clock, rng } = deps;
  const name = `${camera.cameraId} (${sourceText(camera.source)})`;
  const fields = { camera_id: camera.cameraId };
  let state: CameraState = 'connecting';
  let restarts = 0;
  let attempt = 0;
  let gone: { readonly sinceMs: number; reason: string } | undefined;

  const back = (): void => {
    state = 'capturing';
    if (!gone) {
      logger.info(`${name} is capturing`, fields);
      return;
    }
    const seconds = Math.round((clock() - gone.sinceMs) / 1000);
    logger.info(`${name} is back after ${seconds} s`, { ...fields, restarts });
    gone = undefined;
  };
  const lost = (reason: string): void => {
    state = 'retrying';
    if (gone?.reason === reason) return;
    logger.warn(`${name} gives no pictures: ${reason}; trying again until it does`, { ...fields, reason });
    if (gone) gone.reason = reason;
    else gone = { sinceMs: clock(), reason };
  };

  return {
    async run(signal) {
      while (!signal.aborted) {
        state = 'connecting';
        let capturingSinceMs = Number.POSITIVE_INFINITY;
        const outcome = await decode((jpeg) => {
          if (state !== 'capturing') {
            back();
            capturingSinceMs = clock();
          }
          onPicture(jpeg);
        }, signal);
        if (outcome.kind === 'stopped' || endsByItself(camera, outcome)) break;
        if (clock() - capturingSinceMs >= STABLE_MS) attempt = 0;
        lost(outcome.kind === 'failed' ? outcome.reason : 'it ended');
        await pause(backoffMs(++attempt, rng), signal);
        if (!signal.aborted) restarts += 1;
      }
      state = 'ended';
    },
    status: () => ({ state, restarts, reason: gone?.reason }),
  };
}

/** Only a file that isn't looped has an end. */
function endsByItself({ source, loop }: CameraOptions, outcome: FfmpegOutcome): boolean {
  return outcome.kind === 'finished' && source.kind === 'file' && !loop;
}
