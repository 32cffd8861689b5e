import { decodeFrame } from '@frame-buffer/models';
import { type Picture, createFrameIds, recordOf } from './frame-record.ts';

const picture = (changed: Partial<Picture> = {}): Picture => ({
  frameId: 'door-1',
  camera: { cameraId: 'door', priority: 3, capabilities: undefined },
  jpeg: Buffer.from('no JPEG'),
  receivedAtMs: Date.parse('2026-01-31T12:00:00.250Z'),
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  ...changed,
});

describe('recordOf', () => {
  it('is a frame as everyone decodes it', () => {
    const decoded = decodeFrame(recordOf(picture(), { backend: 'redis', path: 'frames:pixels:door-1' }));
    expect(decoded).toMatchObject({
      ok: true,
      value: {
        frameId: 'door-1',
        cameraId: 'door',
        capturedAtMs: Date.parse('2026-01-31T12:00:00.250Z'),
        sizeBytes: 7,
        format: 'jpeg',
        priority: 3,
        capabilities: [],
        storage: { backend: 'redis', path: 'frames:pixels:door-1' },
      },
    });
  });

  it('asks for capabilities in its metadata', () => {
    const camera = { cameraId: 'door', priority: 0, capabilities: ['a', 'b'] };
    const record = recordOf(picture({ camera }), { backend: 'file', path: '/pictures/door-1' });
    expect(record['metadata']).toBe('{"capabilities":["a","b"]}');
    expect(decodeFrame(record)).toMatchObject({ ok: true, value: { capabilities: ['a', 'b'] } });
  });
});

describe('createFrameIds', () => {
  it('gives other ids in another run that starts in the same millisecond', () => {
    const [first, second] = [createFrameIds('door', 1_000), createFrameIds('door', 1_000)];
    const ids = [first(), first(), second(), second()];
    expect(new Set(ids).size).toBe(4);
    expect(ids.every((id) => id.startsWith('door-'))).toBe(true);
  });
});
