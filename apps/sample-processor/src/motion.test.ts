import sharp from 'sharp';
import { compare, type Picture, readPicture, UnreadablePictureError } from './motion.ts';

const WIDTH = 640;
const HEIGHT = 480;

/** A white square on dark grey, as a JPEG. */
async function square(x: number, y: number, side: number, width = WIDTH, height = HEIGHT): Promise<Picture> {
  const white = { create: { width: side, height: side, channels: 3 as const, background: '#fff' } };
  const jpeg = await sharp({ create: { width, height, channels: 3, background: '#222' } })
    .composite([{ input: await sharp(white).png().toBuffer(), left: x, top: y }])
    .jpeg({ quality: 90 })
    .toBuffer();
  return readPicture(jpeg);
}

describe('motion', () => {
  it.each([
    [100, 80, 300, 200],
    [0, 0, 576, 416],
    [33, 47, 61, 51],
    [576, 0, 0, 416],
  ])('of a square from %i,%i to %i,%i is a region around both places', async (x1, y1, x2, y2) => {
    const side = 64;
    const { score, region } = compare(await square(x1, y1, side), await square(x2, y2, side));
    // A thumbnail's pixel is 8 of the picture's: the region may be larger by that, and by what JPEG blurs.
    const slack = 16;
    const [left, top] = [Math.min(x1, x2), Math.min(y1, y2)];
    const [right, bottom] = [Math.max(x1, x2) + side, Math.max(y1, y2) + side];
    expect(region?.x).toBeLessThanOrEqual(left);
    expect(region?.y).toBeLessThanOrEqual(top);
    expect(region!.x + region!.width).toBeGreaterThanOrEqual(right);
    expect(region!.y + region!.height).toBeGreaterThanOrEqual(bottom);
    expect(region?.x).toBeGreaterThanOrEqual(Math.max(0, left - slack));
    expect(region!.x + region!.width).toBeLessThanOrEqual(Math.min(WIDTH, right + slack));
    expect(region!.y + region!.height).toBeLessThanOrEqual(Math.min(HEIGHT, bottom + slack));
    expect(score).toBeGreaterThan(0);
    expect(score).toBeLessThanOrEqual((2 * (side + 2 * slack) ** 2) / (WIDTH * HEIGHT));
  });

  it('is 0 between two pictures of the same', async () => {
    expect(compare(await square(100, 80, 64), await square(100, 80, 64))).toEqual({
      score: 0,
      region: undefined,
    });
  });

  it('is 1 where everything changes', async () => {
    const [dark, light] = await Promise.all(
      ['#000', '#fff'].map(async (background) =>
        readPicture(
          await sharp({ create: { width: 100, height: 50, channels: 3, background } })
            .jpeg()
            .toBuffer(),
        ),
      ),
    );
    expect(compare(dark, light!)).toEqual({ score: 1, region: { x: 0, y: 0, width: 100, height: 50 } });
  });

  it('is 0 for the first picture', async () => {
    expect(compare(undefined, await square(0, 0, 64))).toEqual({ score: 0, region: undefined });
  });

  it('is 0 where the shape of the picture changes', async () => {
    expect(compare(await square(0, 0, 64), await square(300, 100, 64, 640, 360))).toEqual({
      score: 0,
      region: undefined,
    });
  });

  it('is found between two sizes of the same shape, in pixels of the new one', async () => {
    const { region } = compare(await square(0, 0, 64, 320, 240), await square(512, 320, 128, 640, 480));
    expect(region).toEqual({ x: 0, y: 0, width: 640, height: 448 });
  });
});

describe('a picture', () => {
  it('with transparency is read as one without', async () => {
    const create = {
      width: 80,
      height: 40,
      channels: 4 as const,
      background: { r: 255, g: 255, b: 255, alpha: 0.5 },
    };
    const { thumbnail } = await readPicture(await sharp({ create }).png().toBuffer());
    expect(thumbnail.luma).toHaveLength(80 * 40);
  });

  it('that is very tall stays small in memory', async () => {
    const create = { width: 4, height: 8_000, channels: 3 as const, background: '#fff' };
    const { thumbnail, height } = await readPicture(await sharp({ create }).png().toBuffer());
    expect(height).toBe(8_000);
    expect(thumbnail.luma.length).toBeLessThanOrEqual(80 * 80);
  });

  it.each([
    ['text', Buffer.from('no picture at all')],
    ['nothing', Buffer.alloc(0)],
    ['the first half of a picture', undefined],
  ])('that is %s is refused', async (_what, bytes) => {
    const create = { width: 640, height: 480, channels: 3 as const, background: '#246' };
    const whole = await sharp({ create }).jpeg().toBuffer();
    await expect(readPicture(bytes ?? whole.subarray(0, whole.length / 2))).rejects.toThrow(
      UnreadablePictureError,
    );
  });
});
