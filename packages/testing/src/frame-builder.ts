import type { FlatRecord } from '@frame-buffer/models';

let built = 0;

/** A flat record as a capture service publishes it, complete and valid, each with another `frame_id`. */
export function frameRecord(overrides: Record<string, string> = {}): FlatRecord {
  built++;
  return {
    frame_id: `frame-${built}`,
    camera_id: 'camera-1',
    timestamp: '2026-01-31T12:00:00.000Z',
    size_bytes: '30720',
    width: '640',
    height: '480',
    format: 'jpeg',
    priority: '0',
    traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    metadata: JSON.stringify({ capabilities: ['object_detection'] }),
    storage_backend: 'redis',
    storage_path: `pixels:frame-${built}`,
    ...overrides,
  };
}
