import fc from 'fast-check';
import { createMpjpegSplitter } from './mpjpeg-splitter.ts';

const part = (jpeg: Uint8Array): Buffer =>
  Buffer.concat([
    Buffer.from(`Content-type: image/jpeg\r\nContent-length: ${jpeg.length}\r\n\r\n`),
    jpeg,
    Buffer.from('\r\n--ffmpeg\r\n'),
  ]);
const multipart = (pictures: readonly Uint8Array[]): Buffer =>
  Buffer.concat([Buffer.from('--ffmpeg\r\n'), ...pictures.map(part)]);

function split(chunks: readonly Uint8Array[]): { pictures: Buffer[]; ok: boolean } {
  const pictures: Buffer[] = [];
  const splitter = createMpjpegSplitter((jpeg) => pictures.push(jpeg));
  const outcomes = chunks.map((chunk) => splitter.push(chunk));
  return { pictures, ok: outcomes.every((outcome) => outcome.ok) };
}

describe('createMpjpegSplitter', () => {
  it('gives the same pictures however the stream is cut', () => {
    const picture = fc.uint8Array({ minLength: 1, maxLength: 3_000 });
    fc.assert(
      fc.property(
        fc.array(picture, { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 1, maxLength: 40 }),
        (pictures, sizes) => {
          const stream = multipart(pictures);
          const chunks: Buffer[] = [];
          for (let at = 0, turn = 0; at < stream.length; turn++) {
            const size = sizes[turn % sizes.length] ?? 1;
            chunks.push(stream.subarray(at, at + size));
            at += size;
          }
          const found = split(chunks);
          expect(found.ok).toBe(true);
          expect(found.pictures.map((jpeg) => [...jpeg])).toEqual(pictures.map((jpeg) => [...jpeg]));
        },
      ),
      { seed: 20260101, numRuns: 200 },
    );
  });

  it('takes a stream byte by byte', () => {
    const stream = multipart([Buffer.from('first'), Buffer.from('--ffmpeg\r\n\r\n'), Buffer.from('third')]);
    const { pictures } = split([...stream].map((byte) => Uint8Array.of(byte)));
    expect(pictures.map(String)).toEqual(['first', '--ffmpeg\r\n\r\n', 'third']);
  });

  it('gives buffers that later chunks do not change', () => {
    const pictures: Buffer[] = [];
    const splitter = createMpjpegSplitter((jpeg) => pictures.push(jpeg));
    const chunk = multipart([Buffer.from('picture')]);
    splitter.push(chunk);
    chunk.fill(0);
    expect(String(pictures[0])).toBe('picture');
  });

  it.each([
    ['bytes that are no multipart', Buffer.alloc(5_000, 'x')],
    ['a part without a length', Buffer.from('--ffmpeg\r\nContent-type: image/jpeg\r\n\r\nabc')],
    ['a part of no bytes', Buffer.from('--ffmpeg\r\nContent-length: 0\r\n\r\n')],
    ['a part longer than any picture', Buffer.from('--ffmpeg\r\nContent-length: 99999999999\r\n\r\n')],
  ])('refuses %s, and everything after it', (_what, stream) => {
    const pictures: Buffer[] = [];
    const splitter = createMpjpegSplitter((jpeg) => pictures.push(jpeg));
    expect(splitter.push(stream)).toMatchObject({
      ok: false,
      reason: expect.stringContaining('ffmpeg wrote'),
    });
    expect(splitter.push(multipart([Buffer.from('picture')])).ok).toBe(false);
    expect(pictures).toEqual([]);
  });
});
