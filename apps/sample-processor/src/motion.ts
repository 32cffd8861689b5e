import sharp from 'sharp';

/** A picture small enough to compare in microseconds, large enough to see a person move. */
export interface Thumbnail {
  readonly width: number;
  readonly height: number;
  /** One byte a pixel, rows from the top. */
  readonly luma: Uint8Array;
}

/** In pixels of the whole picture. */
export interface Region {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface Motion {
  /** Share of the picture that moved, 0 to 1. */
  readonly score: number;
  /** The smallest rectangle around everything that moved; undefined where nothing did. */
  readonly region: Region | undefined;
}

export interface Picture {
  readonly thumbnail: Thumbnail;
  readonly width: number;
  readonly height: number;
}

/** The bytes are no picture, or a broken one. */
export class UnreadablePictureError extends Error {
  override readonly name = 'UnreadablePictureError';
}

/** Longest side of a thumbnail, in pixels. */
const THUMBNAIL_SIDE = 80;
/** Steps of brightness (of 255) between two pictures that are more than noise of sensor and compression. */
const MOVED_LUMA = 16;

/** Decodes a JPEG and makes it small and grey. @throws UnreadablePictureError */
export async function readPicture(jpeg: Buffer): Promise<Picture> {
  try {
    const image = sharp(jpeg, { failOn: 'error' });
    const { width, height } = await image.metadata();
    const { data, info } = await image
      .resize({ width: THUMBNAIL_SIDE, height: THUMBNAIL_SIDE, fit: 'inside' })
      .removeAlpha()
      .grayscale()
      .raw({ depth: 'uchar' })
      .toBuffer({ resolveWithObject: true });
    return { width, height, thumbnail: { width: info.width, height: info.height, luma: data } };
  } catch (cause) {
    const { message = cause } = cause as { message?: string };
    throw new UnreadablePictureError(`the picture can not be decoded: ${message}`, { cause });
  }
}

/** Frame differencing: what changed its brightness between two pictures of one camera has moved. */
export function compare(previous: Picture | undefined, current: Picture): Motion {
  const { width, height, luma } = current.thumbnail;
  const former = previous?.thumbnail;
  // A first picture, or another shape than before, can't be compared: nothing is known to have moved.
  if (!former || former.width !== width || former.height !== height) return { score: 0, region: undefined };
  let moved = 0;
  let left = width;
  let top = height;
  let right = -1;
  let bottom = -1;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const at = y * width + x;
      if (Math.abs((luma[at] as number) - (former.luma[at] as number)) < MOVED_LUMA) continue;
      moved++;
      if (x < left) left = x;
      if (x > right) right = x;
      if (y < top) top = y;
      if (y > bottom) bottom = y;
    }
  }
  const score = Math.round((moved / (width * height)) * 10_000) / 10_000;
  if (moved === 0) return { score, region: undefined };
  const [x, regionWidth] = scaled(left, right, current.width / width);
  const [y, regionHeight] = scaled(top, bottom, current.height / height);
  return { score, region: { x, y, width: regionWidth, height: regionHeight } };
}

/** From the first to the last cell of the thumbnail, outwards to whole pixels. @returns begin and length */
function scaled(first: number, last: number, scale: number): [number, number] {
  // A hair less, so that 3 x (640 / 3) stays 640.
  const begin = Math.floor(first * scale + 1e-6);
  return [begin, Math.ceil((last + 1) * scale - 1e-6) - begin];
}
