import { decodeFrame, traceContextOf } from '@frame-buffer/models';
import { CAPABILITY, frameRecord } from './frame-records.ts';

const AT_MS = Date.UTC(2026, 0, 31);

describe('a record of the benchmarks', () => {
  it('is a valid frame of a dozen fields', () => {
    const record = frameRecord(7, AT_MS);
    expect(Object.keys(record)).toHaveLength(12);
    expect(decodeFrame(record)).toMatchObject({
      ok: true,
      value: { cameraId: 'camera-7', capturedAtMs: AT_MS, capabilities: [CAPABILITY] },
    });
  });

  it('is sampled one time in a hundred', () => {
    const flags = Array.from(
      { length: 1000 },
      (_none, i) => traceContextOf(frameRecord(i, AT_MS))?.traceFlags,
    );
    expect(flags.filter((flag) => flag === 1)).toHaveLength(10);
    expect(flags.filter((flag) => flag === 0)).toHaveLength(990);
  });

  it('is a frame of its own', () => {
    const ids = Array.from({ length: 500 }, (_none, i) => frameRecord(i, AT_MS)['frame_id']);
    expect(new Set(ids).size).toBe(500);
  });
});
