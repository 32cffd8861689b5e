/** ffmpeg's `mpjpeg`: JPEGs as the parts of a MIME multipart, each part with a Content-length, so nothing is searched for. */

export type SplitterOutcome = { readonly ok: true } | { readonly ok: false; readonly reason: string };

export interface MpjpegSplitter {
  /** Takes the next bytes, cut anywhere. After a failure the stream can't be read on. */
  push(chunk: Uint8Array): SplitterOutcome;
}

const HEADER_END = Buffer.from('\r\n\r\n');
/** ffmpeg writes some sixty bytes between two pictures. */
const MAX_HEADER_BYTES = 1024;
/** A picture of 8K at the best quality is below this; a longer one is a stream that was misread. */
const MAX_PICTURE_BYTES = 64 * 1024 * 1024;
const CONTENT_LENGTH = /^content-length:\s*(\d+)\s*$/im;

/**
 * Cuts ffmpeg's output into pictures. Every byte is copied once, whatever the sizes of the chunks.
 * @param onPicture gets each picture as a buffer of its own
 */
export function createMpjpegSplitter(onPicture: (jpeg: Buffer) => void): MpjpegSplitter {
  let header: Buffer = Buffer.alloc(0);
  let body: { readonly jpeg: Buffer; filled: number } | undefined;
  let failure: SplitterOutcome | undefined;

  const fail = (reason: string): SplitterOutcome => (failure = { ok: false, reason });

  return {
    push(chunk) {
      if (failure) return failure;
      let rest = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
      while (rest.length > 0) {
        if (body) {
          const taken = rest.copy(body.jpeg, body.filled);
          body.filled += taken;
          rest = rest.subarray(taken);
          if (body.filled < body.jpeg.length) continue;
          onPicture(body.jpeg);
          body = undefined;
          continue;
        }
        const before = header.length;
        header = Buffer.concat([header, rest.subarray(0, MAX_HEADER_BYTES)]);
        const end = header.indexOf(HEADER_END, Math.max(0, before - HEADER_END.length));
        if (end < 0) {
          if (header.length >= MAX_HEADER_BYTES) return fail('ffmpeg wrote something else than pictures');
          return { ok: true };
        }
        const length = Number(CONTENT_LENGTH.exec(header.toString('latin1', 0, end))?.[1]);
        if (!(length > 0 && length <= MAX_PICTURE_BYTES)) {
          return fail('ffmpeg wrote a picture without a usable length');
        }
        rest = rest.subarray(end + HEADER_END.length - before);
        header = Buffer.alloc(0);
        body = { jpeg: Buffer.allocUnsafeSlow(length), filled: 0 };
      }
      return { ok: true };
    },
  };
}
