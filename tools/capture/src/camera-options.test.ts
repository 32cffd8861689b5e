import { camerasOf } from './camera-list.ts';
import { type CameraOptions, cameraOptions } from './camera-options.ts';

const pattern = { kind: 'pattern' } as const;

describe('cameraOptions', () => {
  it('takes an option given as undefined for one not given', () => {
    expect(
      cameraOptions({ cameraId: 'a', source: pattern, fps: undefined, quality: undefined }),
    ).toMatchObject({
      fps: 'native',
      quality: 5,
    });
  });

  it.each<[Partial<CameraOptions>, string]>([
    [{ fps: 0 }, 'fps must be a number from 0.01 to 240, not 0'],
    [{ fps: Number.NaN }, 'fps must be a number from 0.01 to 240, not NaN'],
    [{ quality: 1 }, 'quality must be a number from 2 to 31, not 1'],
    [{ priority: 1.5 }, 'priority must be a whole number from 0 to 10, not 1.5'],
    [{ scale: { width: 320, height: 1 } }, 'scale.height must be a whole number from 16 to 16384, not 1'],
    [{ capabilities: [] }, 'capabilities must be 1 to 16 names, not 0'],
    [{ capabilities: ['a b'] }, 'capabilities must each be a capability'],
    [{ cameraId: '' }, 'cameraId must have 1 to 128 characters, not 0'],
  ])('refuses %j', (changed, message) => {
    const request = { cameraId: 'a', source: pattern, ...changed };
    expect(() => cameraOptions(request)).toThrow(RangeError);
    expect(() => cameraOptions(request)).toThrow(message);
  });
});

describe('camerasOf', () => {
  const file = { kind: 'file', path: '/videos/shelf.mp4' } as const;

  it('makes one camera for each source', () => {
    expect(camerasOf({ sources: [pattern, file], fps: 5 })).toEqual([
      { cameraId: 'camera-1', source: pattern, fps: 5 },
      { cameraId: 'camera-2', source: file, fps: 5 },
    ]);
  });

  it('lets more cameras take turns at the sources', () => {
    const cameras = camerasOf({ sources: [pattern, file], count: 3 });
    expect(cameras.map(({ source }) => source.kind)).toEqual(['pattern', 'file', 'pattern']);
  });
});
