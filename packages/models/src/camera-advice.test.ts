import fc from 'fast-check';
import { type CameraAdvice, decodeCameraAdvice } from './camera-advice.ts';

const advice: CameraAdvice = {
  frames_per_second: 7.5,
  level: 2,
  limited_by: 'detect',
  at: '2026-01-31T12:00:00Z',
};

describe('advice for a camera', () => {
  it.each<[Partial<CameraAdvice>]>([[{}], [{ frames_per_second: null, limited_by: null }]])(
    'with %j is read back',
    (change) => {
      expect(decodeCameraAdvice(JSON.stringify({ ...advice, ...change }))).toEqual({ ...advice, ...change });
    },
  );

  it.each([
    '',
    '12',
    'null',
    '{"frames_per_second":5}',
    JSON.stringify({ ...advice, frames_per_second: -1 }),
  ])('%j is none', (text) => {
    expect(decodeCameraAdvice(text)).toBeUndefined();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(() => decodeCameraAdvice(text)).not.toThrow();
      }),
      { seed: 51 },
    );
  });
});
