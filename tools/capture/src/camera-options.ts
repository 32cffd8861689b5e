import { MAX_CAPABILITIES_PER_FRAME, MAX_PRIORITY, MIN_PRIORITY, capabilityName } from '@frame-buffer/models';
import type { PictureSize } from './jpeg-size.ts';
import type { Source } from './source.ts';
import { withDefaults } from './with-defaults.ts';

export interface CameraOptions {
  /** Goes into every record; different for each camera. */
  cameraId: string;
  source: Source;
  /** Pictures per second; `native` (default): every picture of the source. */
  fps: number | 'native';
  /** Start a file again at its end; otherwise the camera ends with it. */
  loop: boolean;
  /** In pixels; undefined (default): as the source has it. */
  scale: PictureSize | undefined;
  /** JPEG quality as ffmpeg counts it, 2 (best) to 31. */
  quality: number;
  /** 0 (default) to 10. */
  priority: number;
  /** What is asked for every picture; undefined (default): the record doesn't say. */
  capabilities: readonly string[] | undefined;
}

/** A camera as a caller asks for it. */
export type CameraRequest = Pick<CameraOptions, 'cameraId' | 'source'> & Partial<CameraOptions>;

/** Hardly to be told from the source, at a tenth of a megabyte for a picture in HD. */
const DEFAULT_QUALITY = 5;

/** Ranges, ends included. */
export const CAMERA_LIMITS = {
  fps: { minimum: 0.01, maximum: 240 },
  quality: { minimum: 2, maximum: 31 },
  priority: { minimum: MIN_PRIORITY, maximum: MAX_PRIORITY, whole: true },
  /** The largest side that JPEG knows is 65,535; ffmpeg's decoders stop earlier. */
  side: { minimum: 16, maximum: 16_384, whole: true },
} as const;
/** A frame id made of it is still a file name. */
export const MAX_CAMERA_ID_CHARS = 128;

/** Completes and checks. @throws RangeError with name, bound and value */
export function cameraOptions(request: CameraRequest): CameraOptions {
  const options = withDefaults<CameraOptions>(
    {
      ...request,
      fps: 'native',
      loop: false,
      scale: undefined,
      quality: DEFAULT_QUALITY,
      priority: MIN_PRIORITY,
      capabilities: undefined,
    },
    request,
  );
  const { cameraId, fps, scale, quality, priority, capabilities } = options;
  if (cameraId.length < 1 || cameraId.length > MAX_CAMERA_ID_CHARS) {
    throw new RangeError(`cameraId must have 1 to ${MAX_CAMERA_ID_CHARS} characters, not ${cameraId.length}`);
  }
  if (fps !== 'native') requireRange('fps', fps, CAMERA_LIMITS.fps);
  if (scale) {
    requireRange('scale.width', scale.width, CAMERA_LIMITS.side);
    requireRange('scale.height', scale.height, CAMERA_LIMITS.side);
  }
  requireRange('quality', quality, CAMERA_LIMITS.quality);
  requireRange('priority', priority, CAMERA_LIMITS.priority);
  if (capabilities) requireCapabilities(capabilities);
  return options;
}

export interface Range {
  readonly minimum: number;
  readonly maximum: number;
  /** Whole numbers only. */
  readonly whole?: boolean;
}

export function rangeText({ minimum, maximum, whole }: Range): string {
  return `a ${whole ? 'whole ' : ''}number from ${minimum} to ${maximum}`;
}

export function isInRange(value: number, { minimum, maximum, whole }: Range): boolean {
  return value >= minimum && value <= maximum && (!whole || Number.isInteger(value));
}

/** @throws RangeError */
export function requireRange(name: string, value: number, range: Range): void {
  if (!isInRange(value, range)) throw new RangeError(`${name} must be ${rangeText(range)}, not ${value}`);
}

function requireCapabilities(capabilities: readonly string[]): void {
  if (capabilities.length < 1 || capabilities.length > MAX_CAPABILITIES_PER_FRAME) {
    throw new RangeError(
      `capabilities must be 1 to ${MAX_CAPABILITIES_PER_FRAME} names, not ${capabilities.length}`,
    );
  }
  for (const capability of capabilities) {
    if (!capabilityName.is(capability)) {
      throw new RangeError(
        `capabilities must each be ${capabilityName.name}, not ${JSON.stringify(capability)}`,
      );
    }
  }
}
