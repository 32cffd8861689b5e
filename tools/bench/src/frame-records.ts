import { randomBytes } from 'node:crypto';
import { type FlatRecord, traceparentOf } from '@frame-buffer/models';
import type { Redis } from 'ioredis';

export const CAPABILITY = 'object_detection';

const CAMERAS = 40;
/** As of publishers that record one trace in a hundred, whose decision the orchestrator follows; its spans end in the benchmark's own sink. */
const SAMPLED_ONE_IN = 100;
const ADDS_PER_PIPELINE = 1_000;

/** A record of a dozen fields, as a capture service publishes it. */
export function frameRecord(number: number, capturedAtMs: number): FlatRecord {
  const camera = `camera-${number % CAMERAS}`;
  const frame = `${camera}-mc2l0x3q8f1d2c4e-${number}`;
  return {
    frame_id: frame,
    camera_id: camera,
    timestamp: new Date(capturedAtMs).toISOString(),
    size_bytes: '48211',
    width: '1280',
    height: '720',
    format: 'jpeg',
    priority: '0',
    traceparent: traceparentOf({
      traceId: randomBytes(16).toString('hex'),
      spanId: randomBytes(8).toString('hex'),
      traceFlags: number % SAMPLED_ONE_IN === 0 ? 1 : 0,
      tracestate: undefined,
    }),
    metadata: `{"capabilities":["${CAPABILITY}"]}`,
    storage_backend: 'redis',
    storage_path: `frames:pixels:${frame}`,
  };
}

/** Adds so many records to a stream. */
export async function publishRecords(redis: Redis, stream: string, count: number): Promise<void> {
  for (let from = 0; from < count; from += ADDS_PER_PIPELINE) {
    const pipeline = redis.pipeline();
    for (let number = from; number < Math.min(from + ADDS_PER_PIPELINE, count); number++) {
      pipeline.xadd(stream, '*', ...Object.entries(frameRecord(number, Date.now())).flat());
    }
    await pipeline.exec();
  }
}
