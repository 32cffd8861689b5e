import { ffmpegReason } from './ffmpeg-reason.ts';

const failed = { code: 1, signal: null };

describe('ffmpegReason', () => {
  it('gives the last words without addresses in memory', () => {
    const stderr =
      '[mov,mp4,m4a @ 0x556dee6c7900] moov atom not found\nbad.mp4: Invalid data found when processing input\n';
    expect(ffmpegReason(stderr, failed)).toBe(
      'moov atom not found; bad.mp4: Invalid data found when processing input',
    );
  });

  it('says a repeated line once', () => {
    expect(ffmpegReason('[h264 @ 0x1] error\n[h264 @ 0x2] error\n', failed)).toBe('error');
  });

  it('hides a password', () => {
    expect(ffmpegReason('rtsp://me:secret@camera/live: Connection refused', failed)).toBe(
      'rtsp://***@camera/live: Connection refused',
    );
  });

  it('shortens what is long', () => {
    expect(ffmpegReason('x'.repeat(5_000), failed)).toHaveLength(300);
  });

  it('says how a silent process ended', () => {
    expect(ffmpegReason('', failed)).toBe('ffmpeg ended with code 1');
    expect(ffmpegReason('', { code: null, signal: 'SIGSEGV' })).toBe('ffmpeg was ended by SIGSEGV');
  });
});
