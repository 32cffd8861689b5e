export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

const START_OF_IMAGE = 0xffd8;
const START_OF_SCAN = 0xda;
/** Start of frame: C0 to CF but for C4 (Huffman tables), C8 (reserved) and CC (arithmetic coding conditions). */
const isStartOfFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
/** Markers that stand alone: TEM and RST0 to RST7. */
const standsAlone = (marker: number): boolean => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7);

/**
 * Width and height in pixels from a JPEG's frame header (ITU-T T.81, B.2.2), found by walking its segments.
 * @returns undefined for what isn't a JPEG, or ends before its frame header
 */
export function jpegSize(jpeg: Uint8Array): PictureSize | undefined {
  const view = new DataView(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength);
  if (view.byteLength < 4 || view.getUint16(0) !== START_OF_IMAGE) return undefined;
  let at = 2;
  while (at + 9 <= view.byteLength) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    if (isStartOfFrame(marker)) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    if (marker === START_OF_SCAN) return undefined;
    // A run of FF before a marker is padding.
    if (marker === 0xff) at += 1;
    else if (standsAlone(marker)) at += 2;
    else at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}
