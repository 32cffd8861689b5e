export { camerasOf, type CameraListOptions } from './camera-list.ts';
export type { CameraOptions, CameraRequest } from './camera-options.ts';
export type { CameraState } from './camera.ts';
export {
  DEFAULT_TTL_MS,
  startCapture,
  type CameraStats,
  type Capture,
  type CaptureOptions,
  type StorageOptions,
} from './capture.ts';
export { parseDuration } from './duration.ts';
export { timeSpan, wholeNumber } from './option-values.ts';
export type { PictureSize } from './jpeg-size.ts';
export type { CaptureLogger } from './logger.ts';
export { probeSource, unreadableFiles, type ProbeOptions, type Probed } from './probe.ts';
export { parseSource, sourceText, type Source } from './source.ts';
