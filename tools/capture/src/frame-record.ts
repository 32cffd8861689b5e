import { randomBytes } from 'node:crypto';
import type { FlatRecord, FrameStorage } from '@frame-buffer/models';
import type { CameraOptions } from './camera-options.ts';
import { jpegSize } from './jpeg-size.ts';

export interface Picture {
  readonly frameId: string;
  readonly camera: Pick<CameraOptions, 'cameraId' | 'priority' | 'capabilities'>;
  readonly jpeg: Buffer;
  /** When it came from ffmpeg, in ms since the epoch. */
  readonly receivedAtMs: number;
  /** W3C: where this picture's trace begins. */
  readonly traceparent: string;
}

/** The fields of the input stream that a capture knows. */
export function recordOf(picture: Picture, storage: FrameStorage): FlatRecord {
  const { frameId, camera, jpeg, receivedAtMs, traceparent } = picture;
  const size = jpegSize(jpeg);
  return {
    frame_id: frameId,
    camera_id: camera.cameraId,
    timestamp: new Date(receivedAtMs).toISOString(),
    size_bytes: String(jpeg.length),
    ...(size ? { width: String(size.width), height: String(size.height) } : {}),
    format: 'jpeg',
    priority: String(camera.priority),
    traceparent,
    ...(camera.capabilities ? { metadata: JSON.stringify({ capabilities: camera.capabilities }) } : {}),
    storage_backend: storage.backend,
    storage_path: storage.path,
  };
}

/** Frame ids that no other capture, and no earlier run of this one, has given out: camera, start in ms and chance, number. */
export function createFrameIds(cameraId: string, startedAtMs: number): () => string {
  const run = `${startedAtMs.toString(36)}${randomBytes(4).toString('hex')}`;
  let sequence = 0;
  return () => `${cameraId}-${run}-${++sequence}`;
}
