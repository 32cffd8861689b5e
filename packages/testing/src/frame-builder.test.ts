import { decodeFrame } from '@frame-buffer/models';
import { frameRecord } from './frame-builder.ts';

describe('frameRecord', () => {
  it('is a record that models decodes, storage and capability included', () => {
    const record = frameRecord();
    expect(decodeFrame(record)).toMatchObject({
      ok: true,
      value: {
        cameraId: 'camera-1',
        capabilities: ['object_detection'],
        storage: { backend: 'redis', path: record['storage_path'] },
      },
    });
  });

  it('gives each record another frame_id', () => {
    expect(frameRecord()['frame_id']).not.toBe(frameRecord()['frame_id']);
  });

  it('takes overrides, also of fields that nobody knows', () => {
    expect(frameRecord({ priority: '7', 'x-own': 'ü' })).toMatchObject({ priority: '7', 'x-own': 'ü' });
  });
});
