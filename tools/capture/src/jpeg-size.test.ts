import fc from 'fast-check';
import { jpegSize } from './jpeg-size.ts';

const segment = (marker: number, content: Uint8Array): Buffer => {
  const head = Buffer.from([0xff, marker, 0, 0]);
  head.writeUInt16BE(content.length + 2, 2);
  return Buffer.concat([head, content]);
};
const frameHeader = (marker: number, width: number, height: number): Buffer => {
  const content = Buffer.alloc(6 + 9, 8);
  content.writeUInt16BE(height, 1);
  content.writeUInt16BE(width, 3);
  return segment(marker, content);
};
const jpeg = (...segments: Uint8Array[]): Buffer => Buffer.concat([Buffer.from([0xff, 0xd8]), ...segments]);

describe('jpegSize', () => {
  it('finds the size behind any other segments', () => {
    const other = fc
      .tuple(fc.constantFrom(0xe0, 0xe1, 0xdb, 0xc4, 0xfe), fc.uint8Array({ maxLength: 300 }))
      .map(([marker, content]) => segment(marker, content));
    const side = fc.integer({ min: 1, max: 65_535 });
    fc.assert(
      fc.property(
        fc.array(other, { maxLength: 8 }),
        fc.constantFrom(0xc0, 0xc1, 0xc2, 0xcf),
        side,
        side,
        (others, marker, width, height) => {
          expect(jpegSize(jpeg(...others, frameHeader(marker, width, height)))).toEqual({ width, height });
        },
      ),
      { seed: 20260102, numRuns: 200 },
    );
  });

  it('reads past padding before a marker', () => {
    expect(jpegSize(jpeg(Uint8Array.of(0xff, 0xff), frameHeader(0xc0, 640, 360)))).toEqual({
      width: 640,
      height: 360,
    });
  });

  it('says nothing of what is no JPEG, and ends on every input', () => {
    expect(jpegSize(Buffer.from('not a picture at all'))).toBeUndefined();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (noise) => {
        const found = jpegSize(jpeg(noise));
        expect(found === undefined || Number.isInteger(found.width)).toBe(true);
      }),
      { seed: 20260103, numRuns: 500 },
    );
  });
});
