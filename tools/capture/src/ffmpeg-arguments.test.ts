import { type Decoding, ffmpegArguments, probeArguments } from './ffmpeg-arguments.ts';
import { NEWEST } from './ffmpeg-version.ts';

const decoding = (changed: Partial<Decoding> = {}): Decoding => ({
  source: { kind: 'file', path: '/videos/shelf.mp4' },
  fps: 'native',
  loop: false,
  scale: undefined,
  quality: 5,
  variant: 0,
  ...changed,
});
const line = (changed: Partial<Decoding> = {}, version = NEWEST): string =>
  ffmpegArguments(decoding(changed), version).join(' ');
const camera = { kind: 'rtsp', url: 'rtsp://camera/live' } as const;

describe('ffmpegArguments', () => {
  it('plays a file at its own speed, once', () => {
    expect(line()).toContain('-re -i /videos/shelf.mp4');
    expect(line()).not.toContain('-vf');
  });

  it('plays a looped file for ever', () => {
    expect(line({ loop: true })).toContain('-re -stream_loop -1 -i /videos/shelf.mp4');
  });

  it('reads a camera over TCP, with a timeout in microseconds', () => {
    expect(line({ source: camera })).toMatch(
      /-rtsp_transport tcp .*-timeout 5000000 -i rtsp:\/\/camera\/live/,
    );
    expect(line({ source: camera })).not.toContain('-re');
  });

  it('makes the pattern at the rate asked for, in a colour of its own for each camera', () => {
    expect(line({ source: { kind: 'pattern' }, fps: 12 })).toContain('testsrc2=size=640x360:rate=12');
    expect(line({ source: { kind: 'pattern' }, variant: 2 })).toContain('-vf hue=h=134');
  });

  it('filters rate and size', () => {
    expect(line({ fps: 7.5, scale: { width: 320, height: 180 } })).toContain('-vf fps=7.5,scale=320:180');
  });

  it('knows the older names of options', () => {
    const older = line({ source: camera }, { major: 4, minor: 4 });
    expect(older).toContain('-stimeout 5000000');
    expect(older).toContain('-vsync passthrough');
    expect(older).not.toContain('-fps_mode');
  });
});

describe('probeArguments', () => {
  it('takes one picture as fast as it comes', () => {
    const probe = probeArguments({ kind: 'file', path: '/videos/shelf.mp4' }, NEWEST).join(' ');
    expect(probe).toContain('-frames:v 1 pipe:1');
    expect(probe).not.toContain('-re ');
  });
});
