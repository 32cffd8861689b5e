import { resolve } from 'node:path';
import { parseSource, sourceText, withoutSecrets } from './source.ts';

describe('parseSource', () => {
  it('knows the test pattern', () => {
    expect(parseSource('pattern')).toEqual({ ok: true, value: { kind: 'pattern' } });
  });

  it.each(['rtsp://camera/stream', 'rtsps://me:secret@10.0.0.7:8554/live?x=1'])(
    'takes %s for a camera',
    (url) => {
      expect(parseSource(url)).toEqual({ ok: true, value: { kind: 'rtsp', url } });
    },
  );

  it('makes the path of a file absolute, so that ffmpeg takes it for nothing else', () => {
    expect(parseSource('concat:a|b.mp4')).toEqual({
      ok: true,
      value: { kind: 'file', path: resolve('concat:a|b.mp4') },
    });
  });

  it.each(['', 'http://camera/stream', 'rtsp://'])('refuses %j', (text) => {
    expect(parseSource(text)).toMatchObject({ ok: false, faults: [{ field: 'source' }] });
  });

  it('does not repeat a password in its fault', () => {
    expect(JSON.stringify(parseSource('http://me:secret@camera/'))).not.toContain('secret');
  });
});

describe('sourceText', () => {
  it('names a file without its folder', () => {
    expect(sourceText({ kind: 'file', path: '/somewhere/shelf.mp4' })).toBe('shelf.mp4');
  });

  it('names a camera without its password', () => {
    expect(sourceText({ kind: 'rtsp', url: 'rtsp://me:se@cret@camera/live' })).toBe('rtsp://***@camera/live');
  });
});

describe('withoutSecrets', () => {
  it('leaves addresses without a password as they are', () => {
    expect(withoutSecrets('rtsp://camera/a@b: refused')).toBe('rtsp://camera/a@b: refused');
  });
});
