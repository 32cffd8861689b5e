import { NEWEST, isAtLeast, parseFfmpegVersion } from './ffmpeg-version.ts';

describe('parseFfmpegVersion', () => {
  it.each([
    ['ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026', { major: 5, minor: 1 }],
    ['ffmpeg version n7.0 Copyright (c) 2000-2024', { major: 7, minor: 0 }],
    ['ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright', { major: 4, minor: 4 }],
  ])('reads %s', (output, version) => {
    expect(parseFfmpegVersion(output)).toEqual(version);
  });

  it('takes a build from the sources for the newest', () => {
    expect(parseFfmpegVersion('ffmpeg version N-118193-g5f38c82536 Copyright')).toEqual(NEWEST);
    expect(isAtLeast(NEWEST, 99, 9)).toBe(true);
  });
});

describe('isAtLeast', () => {
  it.each([
    [5, 1, true],
    [5, 2, true],
    [6, 0, true],
    [5, 0, false],
    [4, 9, false],
  ])('%d.%d against 5.1 is %s', (major, minor, expected) => {
    expect(isAtLeast({ major, minor }, 5, 1)).toBe(expected);
  });
});
